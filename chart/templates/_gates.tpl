{{/* The fields of promoter.yaml that say what must hold before a promotion, and what is attested after it; as JSON. */}}
{{- define "image-promoter.gateConfiguration" -}}
{{- $configuration := dict -}}
{{- $gates := dict -}}
{{- $values := .Values.gates.signature -}}
{{- $signature := dict -}}
{{- $keys := $values.keys -}}
{{- if or $values.configMap $values.secret }}{{ $keys = append $keys "/etc/image-promoter-signature/cosign.pub" }}{{ end -}}
{{- if or $keys $values.identities -}}
{{- with $keys }}{{ $_ := set $signature "keys" . }}{{ end -}}
{{- with $values.identities }}{{ $_ := set $signature "identities" . }}{{ end -}}
{{- with $values.trustedRoot }}{{ $_ := set $signature "trustedRoot" . }}{{ end -}}
{{- $_ := set $gates "signature" $signature -}}
{{- end -}}
{{- with .Values.gates.scan -}}
{{- if .highest -}}
{{- $scan := dict "highest" .highest -}}
{{- with .ignore }}{{ $_ := set $scan "ignore" . }}{{ end -}}
{{- with .wait }}{{ $_ := set $scan "wait" . }}{{ end -}}
{{- $_ := set $gates "scan" $scan -}}
{{- end -}}
{{- end -}}
{{- with $gates }}{{ $_ := set $configuration "gates" . }}{{ end -}}
{{- with .Values.attestation -}}
{{- if .enabled -}}
{{- $attestation := dict "enabled" true -}}
{{- with (not (empty .secret) | ternary "/etc/image-promoter-attestation/cosign.key" .key) }}{{ $_ := set $attestation "key" . }}{{ end -}}
{{- with .identity }}{{ $_ := set $attestation "identity" . }}{{ end -}}
{{- $_ := set $configuration "attestation" $attestation -}}
{{- end -}}
{{- end -}}
{{- toJson $configuration -}}
{{- end }}

{{/* The Secret of the key that signs statements, where there are any. */}}
{{- define "image-promoter.attestationSecret" -}}
{{- if .Values.attestation.enabled }}{{ .Values.attestation.secret }}{{ end -}}
{{- end }}

{{/* Where whom to trust has to be fetched, which takes a folder to write in; empty where nothing is fetched. */}}
{{- define "image-promoter.temporaryFolder" -}}
{{- with .Values.gates.signature }}{{ if and .identities (not .trustedRoot) }}/tmp{{ end }}{{ end -}}
{{- end }}
