{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.processEnvironment" -}}
- name: PROMOTER_LOG_LEVEL
  value: {{ .Values.log.level | toJson }}
- name: PROMOTER_LOG_FORMAT
  value: {{ .Values.log.format | toJson }}
{{- if .Values.proxy.http }}
- name: HTTP_PROXY
  value: {{ .Values.proxy.http | toJson }}
{{- end }}
{{- if .Values.proxy.https }}
- name: HTTPS_PROXY
  value: {{ .Values.proxy.https | toJson }}
{{- end }}
{{- if .Values.proxy.noProxy }}
- name: NO_PROXY
  value: {{ .Values.proxy.noProxy | toJson }}
{{- end }}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/image-promoter-ca/ca.crt
{{- end }}
{{- end }}
