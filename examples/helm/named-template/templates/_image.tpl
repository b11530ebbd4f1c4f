{{/* The image of one part of the application: (dict "root" $ "part" .Values.web) */}}
{{- define "shop.image" -}}
{{ .root.Values.registry }}/{{ .part.image }}:{{ .part.tag }}
{{- end }}
