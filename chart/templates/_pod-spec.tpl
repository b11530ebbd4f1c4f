{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.podSpec" -}}
restartPolicy: Never
serviceAccountName: {{ include "image-promoter.serviceAccountName" . | toJson }}
automountServiceAccountToken: {{ or .Values.rbac.create .Values.serviceAccount.automountServiceAccountToken | toJson }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds | toJson }}
{{- include "image-promoter.placement" . | nindent 0 }}
{{- if .Values.priorityClassName }}
priorityClassName: {{ .Values.priorityClassName | toJson }}
{{- end }}
{{- if .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .Values.topologySpreadConstraints | nindent 2 }}
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
      {{- include "image-promoter.mounts" . | nindent 6 }}
    {{- end }}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret .Values.extraVolumes (include "image-promoter.configuration" .) }}
volumes:
  {{- if include "image-promoter.configuration" . }}
  - name: configuration
    configMap:
      name: {{ include "image-promoter.configMapName" . | toJson }}
  {{- end }}
  {{- include "image-promoter.volumes" . | nindent 2 }}
{{- end }}
{{- end }}
