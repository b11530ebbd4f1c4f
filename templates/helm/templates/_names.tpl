{{/* A name of at most .longest characters: a longer one is cut, and keeps apart from its like by a hash of the whole. */}}
{{- define "image-promoter.bounded" -}}
{{- if le (len .name) .longest -}}
{{- .name -}}
{{- else -}}
{{- printf "%s-%s" (regexReplaceAll "[-.]+$" (trunc (int (sub .longest 9)) .name) "") (sha256sum .name | trunc 8) -}}
{{- end -}}
{{- end }}

{{/* Name of the application. An alias of the dependency stands for the chart's name. */}}
{{- define "image-promoter.name" -}}
{{- .Values.nameOverride | default .Chart.Name -}}
{{- end }}

{{/* Name of the objects: release and application, once where one holds the other. */}}
{{- define "image-promoter.fullname" -}}
{{- $name := include "image-promoter.name" . -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- include "image-promoter.bounded" (dict "name" (.Values.fullnameOverride | default $full) "longest" 63) -}}
{{- end }}

{{- define "image-promoter.configMapName" -}}
{{- include "image-promoter.fullname" . -}}
{{- end }}

{{/* Name of the account that pods run as. */}}
{{- define "image-promoter.serviceAccountName" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else if .Values.serviceAccount.create -}}
{{- include "image-promoter.fullname" . -}}
{{- else -}}
default
{{- end -}}
{{- end }}

{{/* The Jobs of a CronJob get eleven characters more. */}}
{{- define "image-promoter.cronJobName" -}}
{{- include "image-promoter.bounded" (dict "name" (include "image-promoter.fullname" .) "longest" 52) -}}
{{- end }}

{{/* Name of the Job, with a hash of what it does: a Job of an older sync that is still there cannot be taken for it. */}}
{{- define "image-promoter.jobName" -}}
{{- $name := include "image-promoter.fullname" . -}}
{{- /* toYaml takes the last line break away, also where it belongs to a text. */ -}}
{{- $spec := include "image-promoter.jobSpec" . | printf "%s\n" | fromYaml | toJson -}}
{{- $hash := list $name $spec (include "image-promoter.configuration" .) | join "\n" | sha256sum | trunc 8 -}}
{{- printf "%s-%s" (regexReplaceAll "[-.]+$" (trunc 54 $name) "") $hash -}}
{{- end }}

{{- define "image-promoter.namespace" -}}
{{- .Release.Namespace -}}
{{- end }}
