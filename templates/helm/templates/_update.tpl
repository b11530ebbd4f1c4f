{{- define "image-promoter.updateName" -}}
{{- include "image-promoter.serviceName" (dict "context" . "ending" "-update") -}}
{{- end }}

{{- define "image-promoter.updateClusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "image-promoter.updateName" .) -}}
{{- end }}

{{/* The Jobs of a CronJob get eleven characters more. */}}
{{- define "image-promoter.updateCronJobName" -}}
{{- include "image-promoter.serviceName" (dict "context" . "ending" "-update" "longest" 52) -}}
{{- end }}

{{- define "image-promoter.updateAccountName" -}}
{{- with .Values.update.serviceAccount -}}
{{- .name | default (.create | ternary (include "image-promoter.updateName" $) "default") -}}
{{- end -}}
{{- end }}

{{- define "image-promoter.updateImage" -}}
{{- $image := merge (dict "registry" .Values.image.registry) .Values.update.image -}}
{{- include "image-promoter.imageReference" (dict "context" . "image" $image) -}}
{{- end }}

{{- define "image-promoter.updateSelector" -}}
{{- $fixed := include "image-promoter.selectorLabels" . | fromYaml -}}
{{- merge (dict "app.kubernetes.io/component" "update") $fixed | toYaml -}}
{{- end }}

{{- define "image-promoter.updateLabels" -}}
{{- include "image-promoter.objectLabels" (dict "context" . "own" (dict "app.kubernetes.io/component" "update")) -}}
{{- end }}

{{- define "image-promoter.updatePodLabels" -}}
{{- $labels := include "image-promoter.podLabels" . | fromYaml -}}
{{- include "image-promoter.merged" (list $labels (dict "app.kubernetes.io/component" "update")) -}}
{{- end }}

{{/* Pods are made anew when their configuration changes. */}}
{{- define "image-promoter.updatePodAnnotations" -}}
{{- $hash := include "image-promoter.updateConfiguration" . | sha256sum -}}
{{- include "image-promoter.merged" (list .Values.podAnnotations (dict "checksum/configuration" $hash)) -}}
{{- end }}

{{- define "image-promoter.updateArguments" -}}
{{- with .Values.update -}}
{{- $arguments := list "update" -}}
{{- if not .schedule -}}
{{- $drain := max 1 (sub (int .terminationGracePeriodSeconds) 5) -}}
{{- $arguments = concat $arguments (list (printf "--every=%s" .every) "--health=8080" (printf "--drain=%ds" $drain)) -}}
{{- end -}}
{{- if .clusterApplications -}}
{{- $arguments = concat $arguments (list "--cluster-applications" (printf "--argocd-namespace=%s" .argocdNamespace)) -}}
{{- end -}}
{{- concat $arguments .extraArgs | toYaml -}}
{{- end -}}
{{- end }}

{{/* The whole promoter.yaml: routes say where newer tags are looked for. */}}
{{- define "image-promoter.updateConfiguration" -}}
{{- $update := dict "requestsPerSecond" .Values.update.requestsPerSecond -}}
{{- range list "applications" "defaults" "git" -}}
{{- $name := . -}}
{{- with index $.Values.update $name }}{{ $_ := set $update $name . }}{{ end -}}
{{- end -}}
{{- $configuration := dict "update" $update -}}
{{- with (include "image-promoter.writtenRoutes" . | fromJsonArray) }}{{ $_ := set $configuration "routes" . }}{{ end -}}
{{- with .Values.registries }}{{ $_ := set $configuration "registries" . }}{{ end -}}
{{- include "image-promoter.configurationText" $configuration -}}
{{- end }}
