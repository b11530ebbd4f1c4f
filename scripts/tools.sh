#!/usr/bin/env bash
# Installs the real tools that tests speak to: registries, clients and an image builder that are not ours. What is there
# already stays. Needs Debian (or its kin) with Go 1.26 and Python 3.11, and root or sudo when a Debian package is missing.
# Everything that is not a Debian package lives in ~/.cache/argocd-image-promoter; delete that folder to start anew.
set -euo pipefail

readonly crane_version=v0.22.1 regctl_version=v0.11.7 cosign_version=v2.6.5
readonly helm_version=v4.3.1 helm3_version=v3.22.0 kustomize_version=v5.7.1
readonly argo_workflows_version=v3.7.2 argo_events_version=v1.9.7
readonly moto_version=5.2.5 awscli_version=1.46.2
readonly home="${XDG_CACHE_HOME:-$HOME/.cache}/argocd-image-promoter"
readonly bin="$home/bin"

say() { printf 'tools: %s\n' "$*" >&2; }

debian_packages() { # PACKAGE... each, but two, holds a program of its own name
  local missing=() package
  for package in "$@"; do
    case $package in
      openssh-client) type -P ssh-keygen >/dev/null || missing+=("$package") ;;
      python3-venv) python3 -c 'import ensurepip' 2>/dev/null || missing+=("$package") ;;
      *) type -P "$package" >/dev/null || missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  # RUNLEVEL=1: Debian starts the services that it installs; tests start their own, on ports of their own.
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null </dev/null
}

go_tool() { # PACKAGE VERSION [NAME of the program, where it is not the package's]
  local program="$bin/${3:-${1##*/}}"
  [[ $(go version -m "$program" 2>/dev/null) == *$'\tmod\t'*$'\t'"$2"* ]] && return
  say "building $1@$2"
  local built
  built=$(mktemp -d)
  GOBIN="$built" GOFLAGS=-trimpath CGO_ENABLED=0 go install "$1@$2"
  mv "$built"/* "$program"
  rmdir "$built"
}

go_module_file() { # MODULE VERSION FILE NAME: what a Go module holds besides its code
  local to="$home/schemas/$2-$4" folder
  [ -f "$to" ] && return
  say "fetching $3 of $1@$2"
  folder=$(cd "$(mktemp -d)" && GOFLAGS=-mod=mod go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  mkdir -p "$home/schemas"
  install -m 644 "$folder/$3" "$to"
}

python_tools() { # REQUIREMENT...: all in one virtual environment, made anew when a version changes
  local venv="$home/venv" wanted="$*" program
  if [ "$(cat "$venv/requirements" 2>/dev/null)" != "$wanted" ]; then
    say "installing $wanted"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input "$@"
    printf '%s' "$wanted" >"$venv/requirements"
  fi
  for program in aws moto_server; do ln -sf "$venv/bin/$program" "$bin/$program"; done
}

mkdir -p "$bin"
debian_packages buildah chromium docker-registry fish git gpg openssh-client openssl python3-venv skopeo zsh
go_tool github.com/google/go-containerregistry/cmd/crane "$crane_version"
go_tool github.com/regclient/regclient/cmd/regctl "$regctl_version"
go_tool github.com/regclient/regclient/cmd/regsync "$regctl_version"
go_tool github.com/sigstore/cosign/v2/cmd/cosign "$cosign_version"
go_tool helm.sh/helm/v4/cmd/helm "$helm_version"
go_tool helm.sh/helm/v3/cmd/helm "$helm3_version" helm3
go_tool sigs.k8s.io/kustomize/kustomize/v5 "$kustomize_version" kustomize
python_tools "moto[server,ecr]==$moto_version" "awscli==$awscli_version"
go_module_file github.com/argoproj/argo-workflows/v3 "$argo_workflows_version" \
  manifests/base/crds/full/argoproj.io_workflowtemplates.yaml workflow-templates.yaml
go_module_file github.com/argoproj/argo-events "$argo_events_version" api/jsonschema/schema.json argo-events.json

printf '%-16s %s\n' \
  aws "$("$bin/aws" --version)" \
  buildah "$(buildah --version)" \
  chromium "$(chromium --version 2>/dev/null)" \
  cosign "$cosign_version" \
  crane "$("$bin/crane" version)" \
  docker-registry "$(docker-registry --version)" \
  helm "$helm_version" \
  helm3 "$helm3_version" \
  kustomize "$kustomize_version" \
  moto_server "$moto_version" \
  regctl "$("$bin/regctl" version --format '{{.VCSTag}}')" \
  skopeo "$(skopeo --version)"
