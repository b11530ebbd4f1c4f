{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.jobSpec" -}}
backoffLimit: {{ .Values.job.backoffLimit | toJson }}
activeDeadlineSeconds: {{ .Values.job.activeDeadlineSeconds | toJson }}
{{- if .Values.job.podFailurePolicy }}
podFailurePolicy:
  {{- toYaml .Values.job.podFailurePolicy | nindent 2 }}
{{- end }}
template:
  metadata:
    labels:
      {{- include "image-promoter.podLabels" . | nindent 6 }}
    {{- if .Values.podAnnotations }}
    annotations:
      {{- toYaml .Values.podAnnotations | nindent 6 }}
    {{- end }}
  spec:
    {{- include "image-promoter.podSpec" . | nindent 4 }}
{{- end }}
