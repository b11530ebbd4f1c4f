{{- define "image-promoter.version" -}}
0.1.0
{{- end }}
