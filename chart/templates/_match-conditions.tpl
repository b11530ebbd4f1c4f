{{/* Never the namespace of the webhook: without it nothing could bring its own pods back. */}}
{{- define "image-promoter.serveNamespaceSelector" -}}
{{- with .Values.serve -}}
{{- $names := concat (list $.Release.Namespace "kube-system" "kube-node-lease") .excludedNamespaces | uniq -}}
{{- $own := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" $names -}}
{{- $selector := dict "matchExpressions" (concat (list $own) (.namespaceSelector.matchExpressions | default list)) -}}
{{- with .namespaceSelector.matchLabels }}{{ $_ := set $selector "matchLabels" . }}{{ end -}}
{{- toYaml $selector -}}
{{- end -}}
{{- end }}

{{- define "image-promoter.serveWorkloadRules" -}}
{{- $apps := without .Values.serve.workloads "jobs" "cronjobs" "rollouts" -}}
{{- $rules := list -}}
{{- with $apps }}{{ $rules = append $rules (dict "group" "apps" "resources" .) }}{{ end -}}
{{- if has "jobs" .Values.serve.workloads }}{{ $rules = append $rules (dict "group" "batch" "resources" (list "jobs")) }}{{ end -}}
{{- if has "rollouts" .Values.serve.workloads }}{{ $rules = append $rules (dict "group" "argoproj.io" "version" "v1alpha1" "resources" (list "rollouts")) }}{{ end -}}
{{- include "image-promoter.rules" $rules -}}
{{- end }}

{{- define "image-promoter.serveCronJobRules" -}}
{{- if has "cronjobs" .Values.serve.workloads -}}
{{- include "image-promoter.rules" (list (dict "group" "batch" "resources" (list "cronjobs"))) -}}
{{- end -}}
{{- end }}

{{- define "image-promoter.rules" -}}
{{- $rules := list -}}
{{- range . -}}
{{- $rules = append $rules (dict "apiGroups" (list .group) "apiVersions" (list (.version | default "v1")) "operations" (list "CREATE" "UPDATE") "resources" .resources "scope" "Namespaced") -}}
{{- end -}}
{{- with $rules }}{{ toYaml . }}{{ end -}}
{{- end }}

{{- define "image-promoter.servePodConditions" -}}
{{- include "image-promoter.matchConditions" (dict "context" . "spec" "spec") -}}
{{- end }}

{{- define "image-promoter.serveWorkloadConditions" -}}
{{- include "image-promoter.matchConditions" (dict "context" . "spec" "spec.?template.?spec") -}}
{{- end }}

{{- define "image-promoter.serveCronJobConditions" -}}
{{- include "image-promoter.matchConditions" (dict "context" . "spec" "spec.?jobTemplate.?spec.?template.?spec") -}}
{{- end }}

{{/* Conditions in CEL for the API server to ask about an object: that it names an image of ours, and that its pods have changed. */}}
{{- define "image-promoter.matchConditions" -}}
{{- $spec := .spec -}}
{{- $conditions := list -}}
{{- if eq $spec "spec" -}}
{{- $conditions = append $conditions (dict "name" "no-mirror-pods" "expression" "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))") -}}
{{- end -}}
{{- $conditions = append $conditions (dict "name" "changed" "expression" (printf "request.operation != 'UPDATE' || object.%s != oldObject.%s" $spec $spec)) -}}
{{- $prefixes := include "image-promoter.routedPrefixes" .context | fromJsonArray -}}
{{- if $prefixes -}}
{{- $lists := list -}}
{{- range list "containers" "initContainers" "ephemeralContainers" -}}
{{- $lists = append $lists (printf "object.%s.?%s.orValue([])" $spec .) -}}
{{- end -}}
{{- $begins := printf "['%s'].exists(p, %%s.orValue('').startsWith(p))" (join "', '" $prefixes) -}}
{{- $containers := printf "(%s).exists(c, %s)" (join " + " $lists) (printf $begins "c.?image") -}}
{{- $volumes := printf "object.%s.?volumes.orValue([]).exists(v, %s)" $spec (printf $begins "v.?image.?reference") -}}
{{- $conditions = append $conditions (dict "name" "routed-images" "expression" (printf "%s || %s" $containers $volumes)) -}}
{{- end -}}
{{- concat $conditions .context.Values.serve.matchConditions | toYaml -}}
{{- end }}

{{/*
What the names of routed images begin with, as JSON, by either end. None where every image matters, or where a name may be
written without its beginning, as those of Docker Hub may.
*/}}
{{- define "image-promoter.routedPrefixes" -}}
{{- $prefixes := list -}}
{{- range (include "image-promoter.writtenRoutes" . | fromJsonArray) -}}
{{- range prepend (kindIs "slice" .from | ternary .from (list .from)) .to }}{{ $prefixes = append $prefixes (printf "%s/" .) }}{{ end -}}
{{- end -}}
{{- $any := .Values.strict -}}
{{- range $prefixes }}{{ if hasPrefix "docker.io/" . }}{{ $any = true }}{{ end }}{{ end -}}
{{- $any | ternary list (uniq $prefixes) | toJson -}}
{{- end }}
