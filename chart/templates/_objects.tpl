{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}
{{- define "image-promoter.objects" -}}
---
{{ include "image-promoter.serviceAccount" . }}
---
{{ include "image-promoter.role" . }}
---
{{ include "image-promoter.roleBinding" . }}
---
{{ include "image-promoter.configMap" . }}
---
{{ include "image-promoter.job" . }}
---
{{ include "image-promoter.cronJob" . }}
---
{{ include "image-promoter.test" . }}
{{- end }}
