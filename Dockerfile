# The images: Node, the program, the licences, and what V8 made of it. The Job's own has no shell and no package manager.
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot
# What the image with git is made upon: the same Debian.
ARG GIT_BASE_IMAGE=docker.io/library/debian:trixie-slim

# The bundle is the same for every architecture: it holds no native module.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && find dist -name '*.cache' -delete

# What V8 makes of the bundle depends on architecture and version, so the target's own Node makes it, by promoting from
# one port of its loopback to another.
FROM ${BASE_IMAGE} AS compile
COPY --from=build --chown=65532:65532 /src/dist/ /src/LICENSE /app/
COPY --from=build /src/scripts/warm-code-cache/ /warm-code-cache/
USER 65532:65532
RUN ["/nodejs/bin/node", "/warm-code-cache/main.mjs", "/app"]

# `--target git`, published as argocd-image-promoter-git: the same program where git, ssh and gpg are, for `update`.
FROM ${GIT_BASE_IMAGE} AS git
ARG VERSION=0.0.0-dev
ARG REVISION=""
ARG SOURCE=""
LABEL org.opencontainers.image.title="argocd-image-promoter" \
      org.opencontainers.image.description="Writes newer image tags to git, and promotes container images between registries." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# ssh refuses to run for a user without a name.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git gpg gpg-agent gpgconf libstdc++6 openssh-client \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 65532 nonroot \
 && useradd --uid 65532 --gid 65532 --create-home --shell /usr/sbin/nologin nonroot
COPY --from=compile /nodejs/ /nodejs/
COPY --from=compile --chown=0:0 /app/ /app/
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/image-promoter.js"]

# The last is what is built unless another is named.
FROM ${BASE_IMAGE} AS image
ARG VERSION=0.0.0-dev
ARG REVISION=""
ARG SOURCE=""
LABEL org.opencontainers.image.title="argocd-image-promoter" \
      org.opencontainers.image.description="Promotes container images between registries as part of an Argo CD sync, digest for digest." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=compile --chown=0:0 /app/ /app/
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/image-promoter.js"]
