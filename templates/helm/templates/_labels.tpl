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
{{- merge $fixed .own .context.Values.commonLabels | toYaml -}}
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
{{- merge (include "image-promoter.selectorLabels" . | fromYaml) .Values.podLabels .Values.commonLabels | toYaml -}}
{{- end }}
