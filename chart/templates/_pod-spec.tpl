{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.podSpec" -}}
restartPolicy: Never
serviceAccountName: {{ include "image-promoter.serviceAccountName" . | toJson }}
automountServiceAccountToken: {{ or .Values.rbac.create .Values.serviceAccount.automountServiceAccountToken | toJson }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds | toJson }}
{{- if .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml .Values.imagePullSecrets | nindent 2 }}
{{- end }}
{{- if .Values.podSecurityContext }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end }}
{{- if .Values.priorityClassName }}
priorityClassName: {{ .Values.priorityClassName | toJson }}
{{- end }}
{{- if .Values.nodeSelector }}
nodeSelector:
  {{- toYaml .Values.nodeSelector | nindent 2 }}
{{- end }}
{{- if .Values.tolerations }}
tolerations:
  {{- toYaml .Values.tolerations | nindent 2 }}
{{- end }}
{{- if .Values.affinity }}
affinity:
  {{- toYaml .Values.affinity | nindent 2 }}
{{- end }}
{{- if .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .Values.topologySpreadConstraints | nindent 2 }}
{{- end }}
{{- if .Values.hostAliases }}
hostAliases:
  {{- toYaml .Values.hostAliases | nindent 2 }}
{{- end }}
{{- if .Values.dnsConfig }}
dnsConfig:
  {{- toYaml .Values.dnsConfig | nindent 2 }}
{{- end }}
containers:
  - name: promoter
    image: {{ include "image-promoter.image" . | toJson }}
    imagePullPolicy: {{ .Values.image.pullPolicy | toJson }}
    args:
      {{- include "image-promoter.arguments" . | nindent 6 }}
    env:
      {{- include "image-promoter.environment" . | nindent 6 }}
    {{- if .Values.extraEnvFrom }}
    envFrom:
      {{- toYaml .Values.extraEnvFrom | nindent 6 }}
    {{- end }}
    terminationMessagePolicy: FallbackToLogsOnError
    {{- if .Values.resources }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    {{- end }}
    {{- if .Values.securityContext }}
    securityContext:
      {{- toYaml .Values.securityContext | nindent 6 }}
    {{- end }}
    {{- if or .Values.caBundle.configMap .Values.caBundle.secret .Values.extraVolumeMounts (include "image-promoter.configuration" .) }}
    volumeMounts:
      {{- if include "image-promoter.configuration" . }}
      - name: configuration
        mountPath: /etc/image-promoter
        readOnly: true
      {{- end }}
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
      {{- toYaml .Values.extraVolumeMounts | nindent 6 }}
      {{- end }}
    {{- end }}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret .Values.extraVolumes (include "image-promoter.configuration" .) }}
volumes:
  {{- if include "image-promoter.configuration" . }}
  - name: configuration
    configMap:
      name: {{ include "image-promoter.configMapName" . | toJson }}
  {{- end }}
  {{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
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
  {{- toYaml .Values.extraVolumes | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
