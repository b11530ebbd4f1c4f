{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.serviceEnvironment" -}}
- name: PROMOTER_CONFIG
  value: /etc/image-promoter/promoter.yaml
{{- include "image-promoter.sharedEnvironment" . | nindent 0 }}
{{- if .Values.extraEnv }}
{{- toYaml .Values.extraEnv | nindent 0 }}
{{- end }}
{{- end }}
