{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.mounts" -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
- name: ca-bundle
  mountPath: /etc/image-promoter-ca
  readOnly: true
{{- end }}
{{- if or .Values.gates.signature.configMap .Values.gates.signature.secret }}
- name: signature-key
  mountPath: /etc/image-promoter-signature
  readOnly: true
{{- end }}
{{- if include "image-promoter.attestationSecret" . }}
- name: attestation-key
  mountPath: /etc/image-promoter-attestation
  readOnly: true
{{- end }}
{{- if include "image-promoter.temporaryFolder" . }}
- name: temporary
  mountPath: {{ include "image-promoter.temporaryFolder" . | toJson }}
{{- end }}
{{- if .Values.extraVolumeMounts }}
{{- toYaml .Values.extraVolumeMounts | nindent 0 }}
{{- end }}
{{- end }}
