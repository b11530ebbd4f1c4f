{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.environment" -}}
- name: PROMOTER_IMAGES
  value: {{ include "image-promoter.images" . | toJson }}
{{- if include "image-promoter.from" . }}
- name: PROMOTER_FROM
  value: {{ include "image-promoter.from" . | toJson }}
- name: PROMOTER_TO
  value: {{ include "image-promoter.to" . | toJson }}
{{- end }}
{{- if include "image-promoter.configuration" . }}
- name: PROMOTER_CONFIG
  value: /etc/image-promoter/promoter.yaml
{{- end }}
{{- include "image-promoter.sharedEnvironment" . | nindent 0 }}
- name: JOB_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['batch.kubernetes.io/job-name']
- name: JOB_UID
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['batch.kubernetes.io/controller-uid']
{{- if .Values.extraEnv }}
{{- toYaml .Values.extraEnv | nindent 0 }}
{{- end }}
{{- end }}
