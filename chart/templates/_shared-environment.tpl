{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.sharedEnvironment" -}}
- name: PROMOTER_OVERWRITE
  value: {{ .Values.copy.overwrite | toJson }}
- name: PROMOTER_REFERRERS
  value: {{ .Values.copy.referrers | toJson }}
- name: PROMOTER_CONCURRENCY
  value: {{ .Values.copy.concurrency | toString | toJson }}
{{- if .Values.copy.timeout }}
- name: PROMOTER_TIMEOUT
  value: {{ .Values.copy.timeout | toJson }}
{{- end }}
- name: PROMOTER_CREATE_REPOSITORIES
  value: {{ .Values.copy.createRepositories | toString | toJson }}
- name: PROMOTER_STRICT
  value: {{ .Values.strict | toString | toJson }}
{{- include "image-promoter.processEnvironment" . | nindent 0 }}
{{- if .Values.attestation.application.name }}
- name: ARGOCD_APP_NAME
  value: {{ .Values.attestation.application.name | toJson }}
{{- end }}
{{- if .Values.attestation.application.namespace }}
- name: ARGOCD_APP_NAMESPACE
  value: {{ .Values.attestation.application.namespace | toJson }}
{{- end }}
{{- if .Values.attestation.application.project }}
- name: ARGOCD_APP_PROJECT_NAME
  value: {{ .Values.attestation.application.project | toJson }}
{{- end }}
{{- if .Values.attestation.application.revision }}
- name: ARGOCD_APP_REVISION
  value: {{ .Values.attestation.application.revision | toJson }}
{{- end }}
{{- if .Values.attestation.application.repository }}
- name: ARGOCD_APP_SOURCE_REPO_URL
  value: {{ .Values.attestation.application.repository | toJson }}
{{- end }}
{{- if include "image-promoter.attestationSecret" . }}
- name: COSIGN_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "image-promoter.attestationSecret" . | toJson }}
      key: cosign.password
      optional: true
{{- end }}
{{- if .Values.notify.secret }}
- name: PROMOTER_NOTIFY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.notify.secret | toJson }}
      key: {{ .Values.notify.key | toJson }}
      optional: true
- name: PROMOTER_NOTIFY_AUTHORIZATION
  valueFrom:
    secretKeyRef:
      name: {{ .Values.notify.secret | toJson }}
      key: {{ .Values.notify.authorizationKey | toJson }}
      optional: true
- name: PROMOTER_NOTIFY_FORMAT
  value: {{ .Values.notify.format | toJson }}
- name: PROMOTER_NOTIFY_WHEN
  value: {{ .Values.notify.when | toJson }}
{{- end }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_UID
  valueFrom:
    fieldRef:
      fieldPath: metadata.uid
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end }}
