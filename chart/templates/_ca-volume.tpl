{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.caVolume" -}}
- name: ca-bundle
  {{- if .Values.caBundle.configMap }}
  configMap:
    name: {{ .Values.caBundle.configMap | toJson }}
    items:
      - key: {{ .Values.caBundle.key | toJson }}
        path: ca.crt
  {{- else }}
  secret:
    secretName: {{ .Values.caBundle.secret | toJson }}
    items:
      - key: {{ .Values.caBundle.key | toJson }}
        path: ca.crt
  {{- end }}
{{- end }}
