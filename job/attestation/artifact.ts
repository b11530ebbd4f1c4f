import type { Descriptor } from "../oci/descriptor.ts";
import { digestOf, encodedPart } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { predicateType } from "./statement.ts";

/** Content with what points to it. */
export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** What is pushed for a statement. */
export interface Artifact {
  readonly manifest: Manifest;
  readonly config: Blob;
  readonly layer: Blob;
  /** How the list of the image's referrers has to name it. */
  readonly referrer: Descriptor;
}

/** {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor} */
const emptyConfig = blob(Buffer.from("{}"), mediaTypes.empty);

/**
 * Wraps a statement into a manifest that is attached to `subject`.
 * {@link https://github.com/sigstore/cosign/blob/v3.0.0/specs/BUNDLE_SPEC.md}
 *
 * @param createdAt RFC 3339.
 */
export function attestationArtifact(
  content: { readonly bytes: Uint8Array; readonly mediaType: string; readonly signed: boolean },
  subject: Descriptor,
  createdAt: string,
): Artifact {
  const layer = blob(content.bytes, content.mediaType);
  const annotations = { ...annotationsOf(content.signed), "org.opencontainers.image.created": createdAt };
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: content.mediaType,
    config: emptyConfig.descriptor,
    layers: [{ ...layer.descriptor, annotations: layerAnnotations(layer.descriptor, content.signed) }],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  };
  const manifest = blob(Buffer.from(JSON.stringify(document)), mediaTypes.ociManifest);
  const referrer = { ...manifest.descriptor, artifactType: content.mediaType, annotations };
  return { manifest, config: emptyConfig, layer, referrer };
}

/** What the predicate is of, as sigstore's clients and as BuildKit annotate it. */
export const predicateAnnotations = [
  "dev.sigstore.bundle.predicateType",
  "in-toto.io/predicate-type",
] as const;

function annotationsOf(signed: boolean): Record<string, string> {
  const [bundled, plain] = predicateAnnotations;
  return signed
    ? { "dev.sigstore.bundle.content": "dsse-envelope", [bundled]: predicateType }
    : { [plain]: predicateType };
}

function layerAnnotations({ digest }: Descriptor, signed: boolean): Record<string, string> {
  if (!signed) return { [predicateAnnotations[1]]: predicateType };
  return { "org.opencontainers.image.title": `sha256-${encodedPart(digest)}.sigstore.json` };
}

function blob(bytes: Uint8Array, mediaType: string): Blob {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}
