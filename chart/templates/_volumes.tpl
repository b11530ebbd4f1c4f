{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.volumes" -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
{{- include "image-promoter.caVolume" . | nindent 0 }}
{{- end }}
{{- if or .Values.gates.signature.configMap .Values.gates.signature.secret }}
- name: signature-key
  {{- if .Values.gates.signature.configMap }}
  configMap:
    name: {{ .Values.gates.signature.configMap | toJson }}
    items:
      - key: {{ .Values.gates.signature.key | toJson }}
        path: cosign.pub
  {{- else }}
  secret:
    secretName: {{ .Values.gates.signature.secret | toJson }}
    items:
      - key: {{ .Values.gates.signature.key | toJson }}
        path: cosign.pub
  {{- end }}
{{- end }}
{{- if include "image-promoter.attestationSecret" . }}
- name: attestation-key
  secret:
    secretName: {{ include "image-promoter.attestationSecret" . | toJson }}
    items:
      - key: cosign.key
        path: cosign.key
{{- end }}
{{- if include "image-promoter.temporaryFolder" . }}
- name: temporary
  emptyDir:
    sizeLimit: 64Mi
{{- end }}
{{- if .Values.extraVolumes }}
{{- toYaml .Values.extraVolumes | nindent 0 }}
{{- end }}
{{- end }}
