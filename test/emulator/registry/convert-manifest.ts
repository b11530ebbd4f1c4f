import { isObject } from "../../../job/oci/descriptor.ts";
import { mediaTypes } from "../../../job/oci/media-type.ts";
import { parseObject } from "../manifest-document.ts";
import type { StoredManifest } from "../repository.ts";

export interface Representation {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const counterparts: Readonly<Record<string, string>> = {
  [mediaTypes.ociManifest]: mediaTypes.dockerManifest,
  [mediaTypes.dockerManifest]: mediaTypes.ociManifest,
  [mediaTypes.ociIndex]: mediaTypes.dockerList,
  [mediaTypes.dockerList]: mediaTypes.ociIndex,
};

const toDocker: Readonly<Record<string, string>> = {
  [mediaTypes.ociConfig]: "application/vnd.docker.container.image.v1+json",
  "application/vnd.oci.image.layer.v1.tar+gzip": "application/vnd.docker.image.rootfs.diff.tar.gzip",
  [mediaTypes.ociManifest]: mediaTypes.dockerManifest,
};
const toOci = Object.fromEntries(Object.entries(toDocker).map(([oci, docker]) => [docker, oci]));

/**
 * What ECR answers to a client that does not accept the type that is stored: the same image in the other family's
 * words, or schema 1 to a client that names no type. Other bytes, so another digest.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html}
 */
export function convertFor(accept: string | undefined, stored: StoredManifest, name: string): Representation {
  const accepted = (accept ?? "").split(",").map((type) => type.split(";", 1)[0]?.trim() ?? "");
  if (accepted.includes(stored.mediaType) || accepted.includes("*/*")) return stored;
  const counterpart = counterparts[stored.mediaType];
  const document = parseObject(stored.bytes);
  if (counterpart === undefined || document === undefined) return stored;
  if (accepted.includes(counterpart)) return translate(document, counterpart);
  const isImage =
    stored.mediaType === mediaTypes.ociManifest || stored.mediaType === mediaTypes.dockerManifest;
  return isImage ? schema1(document, name) : stored;
}

function translate(document: Record<string, unknown>, mediaType: string): Representation {
  const words = mediaType.startsWith("application/vnd.docker.") ? toDocker : toOci;
  const rename = (descriptor: unknown): unknown =>
    isObject(descriptor) && typeof descriptor.mediaType === "string"
      ? { ...descriptor, mediaType: words[descriptor.mediaType] ?? descriptor.mediaType }
      : descriptor;
  const renamed = Object.fromEntries(
    Object.entries(document).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map(rename) : rename(value),
    ]),
  );
  return { mediaType, bytes: Buffer.from(JSON.stringify({ ...renamed, mediaType })) };
}

function schema1(document: Record<string, unknown>, name: string): Representation {
  const layers = Array.isArray(document.layers) ? document.layers.filter(isObject) : [];
  const old = {
    schemaVersion: 1,
    name,
    architecture: "amd64",
    fsLayers: layers.toReversed().map(({ digest }) => ({ blobSum: digest })),
    history: layers.map(() => ({ v1Compatibility: "{}" })),
  };
  return { mediaType: mediaTypes.dockerSchema1Signed, bytes: Buffer.from(JSON.stringify(old, undefined, 3)) };
}
