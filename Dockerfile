# The images: Node, the program, the licences, and the code's compile cache. The Job's own has no shell and no package manager.
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
RUN npm run build && rm -r dist/compile-cache

# What V8 makes of the bundle depends on architecture, version and user, so the target's own Node makes it, as the user
# that will read it.
FROM ${BASE_IMAGE} AS compile
COPY --from=build --chown=65532:65532 /src/dist/ /src/package.json /app/
USER 65532:65532
ENV NODE_COMPILE_CACHE=/app/compile-cache NODE_COMPILE_CACHE_PORTABLE=1
COPY --from=build /src/scripts/warm-compile-cache.js /app/
RUN ["/nodejs/bin/node", "/app/warm-compile-cache.js"]

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
COPY --from=build /src/dist/ /src/package.json /src/LICENSE /app/
COPY --from=compile --chown=65532:65532 /app/compile-cache/ /app/compile-cache/
ENV NODE_COMPILE_CACHE=/app/compile-cache NODE_COMPILE_CACHE_PORTABLE=1
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
COPY --from=build /src/dist/ /src/package.json /src/LICENSE /app/
COPY --from=compile --chown=65532:65532 /app/compile-cache/ /app/compile-cache/
ENV NODE_COMPILE_CACHE=/app/compile-cache NODE_COMPILE_CACHE_PORTABLE=1
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/image-promoter.js"]
