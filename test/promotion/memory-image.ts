import type { Descriptor } from "../../job/oci/descriptor.ts";
import { digestOf } from "../../job/oci/digest.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { MemoryRepository } from "./memory-registry.ts";

/** Puts a blob into a repository and describes it. */
export function blob(
  repository: MemoryRepository,
  text: string,
  mediaType = "application/octet-stream",
): Descriptor {
  const bytes = Buffer.from(text);
  const digest = digestOf(bytes);
  repository.blobs.set(digest, bytes);
  return { mediaType, digest, size: bytes.length };
}

export function document(content: {
  readonly mediaType: string;
  readonly [field: string]: unknown;
}): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...content }));
  return { bytes, descriptor: { mediaType: content.mediaType, digest: digestOf(bytes), size: bytes.length } };
}

export interface ImageParts {
  readonly layers: readonly string[];
  readonly tag?: string;
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly architecture?: string;
}

/** Puts an image with layers of the given texts into a repository. */
export function image(repository: MemoryRepository, parts: ImageParts): Manifest {
  const { layers, tag, subject, artifactType, architecture = "amd64" } = parts;
  const manifest = document({
    mediaType: mediaTypes.ociManifest,
    config: blob(repository, JSON.stringify({ architecture, os: "linux", layers }), mediaTypes.ociConfig),
    layers: layers.map((text) => blob(repository, text, "application/vnd.oci.image.layer.v1.tar+gzip")),
    ...(subject && { subject }),
    ...(artifactType && { artifactType }),
  });
  repository.put(manifest, tag);
  return manifest;
}

/** Puts an index over manifests that are in the repository already. */
export function index(repository: MemoryRepository, members: readonly Manifest[], tag?: string): Manifest {
  const architectures = ["amd64", "arm64", "s390x", "ppc64le"];
  const manifest = document({
    mediaType: mediaTypes.ociIndex,
    manifests: members.map(({ descriptor }, position) => ({
      ...descriptor,
      platform: { os: "linux", architecture: architectures[position % 4] },
    })),
  });
  repository.put(manifest, tag);
  return manifest;
}
