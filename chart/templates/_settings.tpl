{{/*
The images to promote, each once, one per line: those that a parent chart passed (.Images), else those of the values,
which may be templates, and of global.imagePromoter.images. Without images nothing is rendered.
*/}}
{{- define "image-promoter.images" -}}
{{- $images := list -}}
{{- if hasKey . "Images" -}}
{{- $images = .Images -}}
{{- else if .Values.enabled -}}
{{- range concat .Values.images (dig "imagePromoter" "images" list (.Values.global | default dict)) -}}
{{- $images = append $images (tpl . $) -}}
{{- end -}}
{{- end -}}
{{- range $images -}}
{{- if not (regexMatch `^[A-Za-z0-9._:/@[\]-]+$` (toString .)) -}}
{{- fail (printf "image-promoter: %q is no image: write HOST/REPOSITORY:TAG or HOST/REPOSITORY@DIGEST" (toString .)) -}}
{{- end -}}
{{- end -}}
{{- if $images -}}
{{- include "image-promoter.checkRoute" . -}}
{{- end -}}
{{- join "\n" (uniq $images) -}}
{{- end }}

{{/* Refuses images that nobody said whence they come. What extraEnv sets is not looked into. */}}
{{- define "image-promoter.checkRoute" -}}
{{- $from := include "image-promoter.from" . -}}
{{- $to := include "image-promoter.to" . -}}
{{- if ne (empty $from) (empty $to) -}}
{{- fail "image-promoter: source and destination belong together: set both or neither" -}}
{{- end -}}
{{- if and $from .Values.routes -}}
{{- fail "image-promoter: routes stand instead of source and destination: set one or the other" -}}
{{- end -}}
{{- if not (or (and $from $to) .Values.routes .Values.extraEnv .Values.extraEnvFrom) -}}
{{- fail "image-promoter: there are images, but nobody said where they come from and go to: set source and destination, or routes" -}}
{{- end -}}
{{- end }}

{{- define "image-promoter.from" -}}
{{- include "image-promoter.registry" .Values.source -}}
{{- end }}

{{- define "image-promoter.to" -}}
{{- include "image-promoter.registry" .Values.destination -}}
{{- end }}

{{/* HOST[/PREFIX][,…] of the source or the destination. */}}
{{- define "image-promoter.registry" -}}
{{- if ne (empty .account) (empty .region) -}}
{{- fail "image-promoter: account and region belong together" -}}
{{- end -}}
{{- $host := .registry -}}
{{- if and (not $host) .account -}}
{{- $host = printf "%s.dkr.ecr.%s.%s" .account .region (include "image-promoter.dnsSuffix" .region) -}}
{{- end -}}
{{- if and $host .prefix }}{{ printf "%s/%s" (replace "," (printf "/%s," .prefix) $host) .prefix }}{{ else }}{{ $host }}{{ end -}}
{{- end }}

{{/* The domain of the AWS partition that a region is in. */}}
{{- define "image-promoter.dnsSuffix" -}}
{{- if hasPrefix "cn-" . -}} amazonaws.com.cn
{{- else if hasPrefix "eusc-" . -}} amazonaws.eu
{{- else if hasPrefix "us-iso-" . -}} c2s.ic.gov
{{- else if hasPrefix "us-isob-" . -}} sc2s.sgov.gov
{{- else if hasPrefix "eu-isoe-" . -}} cloud.adc-e.uk
{{- else if hasPrefix "us-isof-" . -}} csp.hci.ic.gov
{{- else -}} amazonaws.com
{{- end -}}
{{- end }}

{{/* The reference of image-promoter's own image. */}}
{{- define "image-promoter.image" -}}
{{- include "image-promoter.imageReference" (dict "context" . "image" .Values.image) -}}
{{- end }}

{{/* The reference of an .image of ours: of this version where it names neither tag nor digest. */}}
{{- define "image-promoter.imageReference" -}}
{{- $image := .image -}}
{{- $registry := $image.registry | default (dig "imageRegistry" "" (.context.Values.global | default dict)) -}}
{{- $tag := $image.tag | default (empty $image.digest | ternary (include "image-promoter.version" .) "") -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $image.repository }}{{ with $tag }}:{{ . }}{{ end }}{{ with $image.digest }}@{{ . }}{{ end -}}
{{- end }}

{{/* What the container is called with: promote, or the .Command of a test, which knows no further arguments. */}}
{{- define "image-promoter.arguments" -}}
{{- (hasKey . "Command") | ternary (list .Command) (concat (list "promote") .Values.extraArgs) | toYaml -}}
{{- end }}

{{/* promoter.yaml for what variables cannot say: JSON, which is YAML too. Empty where nothing needs it. */}}
{{- define "image-promoter.configuration" -}}
{{- with include "image-promoter.commonConfiguration" . | fromJson -}}
{{- include "image-promoter.configurationText" . -}}
{{- end -}}
{{- end }}

{{/* A promoter.yaml with these fields. */}}
{{- define "image-promoter.configurationText" -}}
{{- merge (dict "apiVersion" "image-promoter/v1" "kind" "Promoter") . | toPrettyJson }}
{{ end }}

{{/* The fields of promoter.yaml that hold for everything that promotes, as JSON. */}}
{{- define "image-promoter.commonConfiguration" -}}
{{- $configuration := dict -}}
{{- with .Values.routes }}{{ $_ := set $configuration "routes" . }}{{ end -}}
{{- with .Values.registries }}{{ $_ := set $configuration "registries" . }}{{ end -}}
{{- with .Values.notify.targets }}{{ $_ := set $configuration "notify" . }}{{ end -}}
{{- if .Values.copy.createRepositories -}}
{{- with .Values.copy.repositorySettings }}{{ $_ := set $configuration "copy" (dict "createRepositories" .) }}{{ end -}}
{{- end -}}
{{- merge $configuration (include "image-promoter.gateConfiguration" . | fromJson) | toJson -}}
{{- end }}
