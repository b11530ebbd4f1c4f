{{/* Name of a service's objects, which may be a host's: without dots; .ending tells the services from each other. */}}
{{- define "image-promoter.serviceName" -}}
{{- $name := include "image-promoter.fullname" .context | replace "." "-" -}}
{{- $longest := int (sub (.longest | default 63) (len .ending)) -}}
{{- printf "%s%s" (regexReplaceAll "[-.]+$" (trunc $longest $name) "") .ending -}}
{{- end }}

{{- define "image-promoter.serveName" -}}
{{- include "image-promoter.serviceName" (dict "context" . "ending" "-serve") -}}
{{- end }}

{{/* Name of what belongs to the whole cluster: another release of the same name has them, too. */}}
{{- define "image-promoter.serveClusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "image-promoter.serveName" .) -}}
{{- end }}

{{- define "image-promoter.serveAccountName" -}}
{{- with .Values.serve.serviceAccount -}}
{{- .name | default (.create | ternary (include "image-promoter.serveName" $) "default") -}}
{{- end -}}
{{- end }}

{{- define "image-promoter.serveTlsName" -}}
{{- .Values.serve.tls.secret | default (printf "%s-tls" (include "image-promoter.serveName" .)) -}}
{{- end }}

{{/* The Lease by which one replica does what one alone is to do; empty where there is no such thing. */}}
{{- define "image-promoter.serveLease" -}}
{{- if or .Values.serve.watch (eq .Values.serve.tls.mode "self-managed") }}{{ include "image-promoter.serveName" . }}{{ end -}}
{{- end }}

{{/* The Secret to mount, where the certificate is not managed by the program itself. */}}
{{- define "image-promoter.serveTlsSecret" -}}
{{- if ne .Values.serve.tls.mode "self-managed" }}{{ include "image-promoter.serveTlsName" . }}{{ end -}}
{{- end }}

{{- define "image-promoter.serveCaBundle" -}}
{{- if eq .Values.serve.tls.mode "secret" }}{{ .Values.serve.tls.caBundle | b64enc }}{{ end -}}
{{- end }}

{{- define "image-promoter.serveCertificateInjection" -}}
{{- if eq .Values.serve.tls.mode "cert-manager" }}{{ printf "%s/%s" .Release.Namespace (include "image-promoter.serveName" .) }}{{ end -}}
{{- end }}

{{- define "image-promoter.serveTlsDuration" -}}
{{- printf "%dh" (mul 24 (int .Values.serve.tls.days)) -}}
{{- end }}

{{- define "image-promoter.serveDnsNames" -}}
{{- $host := printf "%s.%s.svc" (include "image-promoter.serveName" .) .Release.Namespace -}}
{{- list $host (printf "%s.cluster.local" $host) | toYaml -}}
{{- end }}

{{- define "image-promoter.serveIssuerRef" -}}
{{- .Values.serve.tls.issuerRef | default (dict "kind" "Issuer" "name" (include "image-promoter.serveName" .)) | toYaml -}}
{{- end }}

{{/* What tells the pods of the service from all others. */}}
{{- define "image-promoter.serveSelector" -}}
{{- $fixed := include "image-promoter.selectorLabels" . | fromYaml -}}
{{- merge (dict "app.kubernetes.io/component" "serve") $fixed | toYaml -}}
{{- end }}

{{- define "image-promoter.serveLabels" -}}
{{- include "image-promoter.objectLabels" (dict "context" . "own" (dict "app.kubernetes.io/component" "serve")) -}}
{{- end }}

{{- define "image-promoter.serveMonitorLabels" -}}
{{- $own := include "image-promoter.merged" (list .Values.serve.serviceMonitor.labels (dict "app.kubernetes.io/component" "serve")) | fromYaml -}}
{{- include "image-promoter.objectLabels" (dict "context" . "own" $own) -}}
{{- end }}

{{- define "image-promoter.servePodLabels" -}}
{{- $labels := include "image-promoter.podLabels" . | fromYaml -}}
{{- include "image-promoter.merged" (list $labels (dict "app.kubernetes.io/component" "serve")) -}}
{{- end }}

{{/* Pods are made anew when their configuration changes. */}}
{{- define "image-promoter.servePodAnnotations" -}}
{{- $hash := include "image-promoter.serveConfiguration" . | sha256sum -}}
{{- include "image-promoter.merged" (list .Values.podAnnotations (dict "checksum/configuration" $hash)) -}}
{{- end }}

{{- define "image-promoter.serveSpread" -}}
{{- $spread := .Values.serve.topologySpreadConstraints -}}
{{- if not $spread -}}
{{- $selector := dict "matchLabels" (include "image-promoter.serveSelector" . | fromYaml) -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" -}}
{{- $spread = append $spread (dict "maxSkew" 1 "topologyKey" . "whenUnsatisfiable" "ScheduleAnyway" "labelSelector" $selector) -}}
{{- end -}}
{{- end -}}
{{- toYaml $spread -}}
{{- end }}

{{- define "image-promoter.serveArguments" -}}
{{- with .Values.serve -}}
{{- $drain := max 1 (sub (int .terminationGracePeriodSeconds) 10) -}}
{{- $arguments := list "serve" (printf "--listen=%d" (int .ports.webhook)) (printf "--health=%d" (int .ports.http)) (printf "--drain=%ds" $drain) -}}
{{- if ne .tls.mode "self-managed" -}}
{{- $arguments = concat $arguments (list "--tls-cert-file=/etc/image-promoter-tls/tls.crt" "--tls-key-file=/etc/image-promoter-tls/tls.key") -}}
{{- else -}}
{{- $arguments = append $arguments "--tls-self-managed" -}}
{{- $arguments = append $arguments (printf "--tls-secret=%s" (include "image-promoter.serveTlsName" $)) -}}
{{- $arguments = append $arguments (printf "--tls-name=%s.%s.svc" (include "image-promoter.serveName" $) $.Release.Namespace) -}}
{{- $arguments = append $arguments (printf "--tls-lifetime=%dd" (int .tls.days)) -}}
{{- $arguments = append $arguments (printf "--webhook-configuration=%s" (include "image-promoter.serveClusterName" $)) -}}
{{- end -}}
{{- if .watch }}{{ $arguments = append $arguments "--watch" }}{{ end -}}
{{- with include "image-promoter.serveLease" $ }}{{ $arguments = append $arguments (printf "--lease=%s" .) }}{{ end -}}
{{- if .statusPage.enabled }}{{ $arguments = append $arguments "--status-page" }}{{ end -}}
{{- with .statusPage.environment }}{{ $arguments = append $arguments (printf "--environment=%s" .) }}{{ end -}}
{{- concat $arguments .extraArgs | toYaml -}}
{{- end -}}
{{- end }}

{{/* The whole promoter.yaml: what runs on gets its routes from nowhere else. */}}
{{- define "image-promoter.serveConfiguration" -}}
{{- include "image-promoter.checkServiceRoute" . -}}
{{- $own := dict "routes" (include "image-promoter.writtenRoutes" . | fromJsonArray) -}}
{{- with .Values.serve.webhook }}{{ $_ := set $own "webhook" . }}{{ end -}}
{{- with .Values.serve.statusPage.environments }}{{ $_ := set $own "environments" . }}{{ end -}}
{{- with .Values.serve.statusPage.modules }}{{ $_ := set $own "modules" . }}{{ end -}}
{{- $configuration := merge $own (include "image-promoter.commonConfiguration" . | fromJson) -}}
{{- include "image-promoter.configurationText" $configuration -}}
{{- end }}

{{/* Routes in whichever way they are written, as JSON. */}}
{{- define "image-promoter.writtenRoutes" -}}
{{- $from := include "image-promoter.from" . -}}
{{- if .Values.routes -}}
{{- toJson .Values.routes -}}
{{- else if $from -}}
{{- list (dict "to" (include "image-promoter.to" .) "from" (splitList "," $from)) | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end }}

{{- define "image-promoter.checkServiceRoute" -}}
{{- $from := include "image-promoter.from" . -}}
{{- $to := include "image-promoter.to" . -}}
{{- if not (or .Values.routes (and $from $to)) -}}
{{- fail "image-promoter: a service is enabled, but nobody said where images come from and go to: set source and destination, or routes" -}}
{{- end -}}
{{- if and $from .Values.routes -}}
{{- fail "image-promoter: routes stand instead of source and destination: set one or the other" -}}
{{- end -}}
{{- end }}
