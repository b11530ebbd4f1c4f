{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.updatePod" -}}
serviceAccountName: {{ include "image-promoter.updateAccountName" . | toJson }}
automountServiceAccountToken: {{ .Values.update.clusterApplications | toJson }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.update.terminationGracePeriodSeconds | toJson }}
{{- include "image-promoter.placement" . | nindent 0 }}
{{- if .Values.update.priorityClassName }}
priorityClassName: {{ .Values.update.priorityClassName | toJson }}
{{- end }}
containers:
  - name: promoter
    image: {{ include "image-promoter.updateImage" . | toJson }}
    imagePullPolicy: {{ .Values.image.pullPolicy | toJson }}
    args:
      {{- include "image-promoter.updateArguments" . | nindent 6 }}
    env:
      - name: PROMOTER_CONFIG
        value: /etc/image-promoter/promoter.yaml
      {{- include "image-promoter.processEnvironment" . | nindent 6 }}
      {{- if .Values.extraEnv }}
      {{- toYaml .Values.extraEnv | nindent 6 }}
      {{- end }}
    {{- if .Values.extraEnvFrom }}
    envFrom:
      {{- toYaml .Values.extraEnvFrom | nindent 6 }}
    {{- end }}
{{- if .Values.update.schedule }}
{{- else }}
    ports:
      - name: http
        containerPort: 8080
        protocol: TCP
    startupProbe:
      httpGet:
        path: /healthz
        port: http
      periodSeconds: 2
      failureThreshold: 30
    readinessProbe:
      httpGet:
        path: /readyz
        port: http
      periodSeconds: 10
    livenessProbe:
      httpGet:
        path: /healthz
        port: http
      periodSeconds: 20
      timeoutSeconds: 5
{{- end }}
    terminationMessagePolicy: FallbackToLogsOnError
    {{- if .Values.update.resources }}
    resources:
      {{- toYaml .Values.update.resources | nindent 6 }}
    {{- end }}
    {{- if .Values.securityContext }}
    securityContext:
      {{- toYaml .Values.securityContext | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: configuration
        mountPath: /etc/image-promoter
        readOnly: true
      # Clones of git repositories, as far as they are needed.
      - name: work
        mountPath: /tmp
      {{- if .Values.update.secret }}
      - name: git
        mountPath: /etc/image-promoter-git
        readOnly: true
      {{- end }}
      {{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
      - name: ca-bundle
        mountPath: /etc/image-promoter-ca
        readOnly: true
      {{- end }}
      {{- if .Values.extraVolumeMounts }}
      {{- toYaml .Values.extraVolumeMounts | nindent 6 }}
      {{- end }}
volumes:
  - name: configuration
    configMap:
      name: {{ include "image-promoter.updateName" . | toJson }}
  - name: work
    emptyDir:
      sizeLimit: {{ .Values.update.workSize | toJson }}
  {{- if .Values.update.secret }}
  - name: git
    secret:
      secretName: {{ .Values.update.secret | toJson }}
  {{- end }}
  {{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
  {{- include "image-promoter.caVolume" . | nindent 2 }}
  {{- end }}
  {{- if .Values.extraVolumes }}
  {{- toYaml .Values.extraVolumes | nindent 2 }}
  {{- end }}
{{- end }}
