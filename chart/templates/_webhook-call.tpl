{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.webhookCall" -}}
admissionReviewVersions: [v1]
sideEffects: NoneOnDryRun
failurePolicy: {{ .Values.serve.failurePolicy | toJson }}
timeoutSeconds: {{ .Values.serve.timeoutSeconds | toJson }}
matchPolicy: Equivalent
namespaceSelector:
  {{- include "image-promoter.serveNamespaceSelector" . | nindent 2 }}
{{- if .Values.serve.objectSelector }}
objectSelector:
  {{- toYaml .Values.serve.objectSelector | nindent 2 }}
{{- end }}
{{- end }}
