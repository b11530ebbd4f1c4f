{{/* The annotations that make the Job run before the workloads. They win over annotations that users give. */}}
{{- define "image-promoter.jobAnnotations" -}}
{{- $hook := .Values.hook -}}
{{- $annotations := dict -}}
{{- if eq $hook.engine "argocd" -}}
{{- $_ := set $annotations "argocd.argoproj.io/hook" $hook.phase -}}
{{- $_ := set $annotations "argocd.argoproj.io/hook-delete-policy" ($hook.deleteSucceeded | ternary "BeforeHookCreation,HookSucceeded" "BeforeHookCreation") -}}
{{- $_ := set $annotations "argocd.argoproj.io/sync-wave" (printf "%d" (int $hook.wave)) -}}
{{- else if eq $hook.engine "helm" -}}
{{- $_ := set $annotations "helm.sh/hook" "pre-install,pre-upgrade" -}}
{{- $_ := set $annotations "helm.sh/hook-delete-policy" ($hook.deleteSucceeded | ternary "before-hook-creation,hook-succeeded" "before-hook-creation") -}}
{{- $_ := set $annotations "helm.sh/hook-output-log-policy" "hook-succeeded,hook-failed" -}}
{{- $_ := set $annotations "helm.sh/hook-weight" (printf "%d" (int $hook.wave)) -}}
{{- end -}}
{{- include "image-promoter.merged" (list .Values.job.annotations $annotations) -}}
{{- end }}

{{/*
The annotations of what the Job needs: one wave earlier, because tokens for AWS are given out to accounts that were there
before the pod. Hooks of the same phase as the Job, but ordinary objects in the phase Sync.
*/}}
{{- define "image-promoter.prerequisiteAnnotations" -}}
{{- $hook := .Values.hook -}}
{{- $wave := printf "%d" (sub (int $hook.wave) 1) -}}
{{- if eq $hook.engine "argocd" -}}
{{- if eq $hook.phase "PreSync" -}}
argocd.argoproj.io/hook: PreSync
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
{{ end -}}
argocd.argoproj.io/sync-wave: {{ $wave | toJson }}
{{- else if eq $hook.engine "helm" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-delete-policy: before-hook-creation
helm.sh/hook-weight: {{ $wave | toJson }}
{{- end -}}
{{- end }}

{{- define "image-promoter.serviceAccountAnnotations" -}}
{{- $annotations := include "image-promoter.prerequisiteAnnotations" . | fromYaml -}}
{{- include "image-promoter.merged" (list .Values.serviceAccount.annotations $annotations) -}}
{{- end }}
