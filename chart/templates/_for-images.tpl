{{/*
The Job, and what it needs, for the images that a parent chart deploys:

  {{ include "image-promoter.forImages" (dict "root" . "images" (list $image)) }}

  root     the parent's context
  images   the very strings that the parent's pods have
  alias    name of the dependency, where Chart.yaml gives it one
  values   values for this call alone, laid over those of the dependency: two calls need a fullnameOverride each

The values are those of the dependency: image-promoter.source, image-promoter.destination and so on.
*/}}
{{- define "image-promoter.forImages" -}}
{{- $name := .alias | default "image-promoter" -}}
{{- if not (hasKey .root.Values $name) -}}
{{- fail (printf "image-promoter: there are no values of a dependency %q: name the alias that Chart.yaml gives it" $name) -}}
{{- end -}}
{{- $values := mergeOverwrite (deepCopy (index .root.Values $name)) (.values | default dict) -}}
{{- $context := dict "Values" $values "Images" .images "Chart" (dict "Name" $name) "Release" .root.Release "Capabilities" .root.Capabilities "Template" .root.Template -}}
{{- include "image-promoter.objects" $context -}}
{{- end }}
