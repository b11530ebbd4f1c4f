{{/* Several maps as one; what comes later wins, also where it is empty, which merge would take for missing. */}}
{{- define "image-promoter.merged" -}}
{{- $whole := dict -}}
{{- range . -}}
{{- range $key, $value := . }}{{ $_ := set $whole $key $value }}{{ end -}}
{{- end -}}
{{- with $whole }}{{ toYaml . }}{{ end -}}
{{- end }}

{{/* By which the objects of a release are found. They win over labels that users give. */}}
{{- define "image-promoter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "image-promoter.name" . | toJson }}
app.kubernetes.io/instance: {{ .Release.Name | toJson }}
{{- end }}

{{/* Labels of an object with .own labels. */}}
{{- define "image-promoter.objectLabels" -}}
{{- $fixed := include "image-promoter.selectorLabels" .context | fromYaml -}}
{{- $_ := set $fixed "app.kubernetes.io/version" (include "image-promoter.version" .) -}}
{{- $_ := set $fixed "app.kubernetes.io/managed-by" .context.Release.Service -}}
{{- $_ := set $fixed "helm.sh/chart" (printf "image-promoter-%s" (include "image-promoter.version" .) | replace "+" "_") -}}
{{- include "image-promoter.merged" (list .context.Values.commonLabels .own $fixed) -}}
{{- end }}

{{- define "image-promoter.labels" -}}
{{- include "image-promoter.objectLabels" (dict "context" . "own" dict) -}}
{{- end }}

{{- define "image-promoter.jobLabels" -}}
{{- include "image-promoter.objectLabels" (dict "context" . "own" .Values.job.labels) -}}
{{- end }}

{{- define "image-promoter.serviceAccountLabels" -}}
{{- include "image-promoter.objectLabels" (dict "context" . "own" .Values.serviceAccount.labels) -}}
{{- end }}

{{/* Labels of pods: none that changes with each version of the chart, or a Job of the same content would change its name. */}}
{{- define "image-promoter.podLabels" -}}
{{- include "image-promoter.merged" (list .Values.commonLabels .Values.podLabels (include "image-promoter.selectorLabels" . | fromYaml)) -}}
{{- end }}
