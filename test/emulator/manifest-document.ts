import { isObject } from "../../job/oci/descriptor.ts";
import { type Digest, isDigest } from "../../job/oci/digest.ts";
import { isIndex, isManifest, isNondistributable } from "../../job/oci/media-type.ts";
import type { StoredManifest } from "./repository.ts";

/** What a registry has to know of a manifest that is pushed. */
export interface ManifestDocument {
  /** False for documents that are no manifest of a known kind: they name nothing. */
  readonly isKnown: boolean;
  readonly isIndex: boolean;
  readonly children: readonly Digest[];
  /** Config and layers, without those that stay where their licence keeps them. */
  readonly blobs: readonly Digest[];
  readonly layerCount: number;
  readonly subject?: Digest;
  /** For the referrers list: the manifest's own, else its config's media type. */
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

const unknownDocument: ManifestDocument = {
  isKnown: false,
  isIndex: false,
  children: [],
  blobs: [],
  layerCount: 0,
};

const documents = new WeakMap<StoredManifest, ManifestDocument>();

/** What a manifest that is kept names; each is read once. */
export function documentOf(manifest: StoredManifest): ManifestDocument {
  const known = documents.get(manifest);
  if (known !== undefined) return known;
  const document = readManifestDocument(manifest.bytes, manifest.mediaType) ?? unknownDocument;
  documents.set(manifest, document);
  return document;
}

/** Reads leniently, as registries do; undefined when it claims to be a manifest and is none. */
export function readManifestDocument(bytes: Uint8Array, mediaType: string): ManifestDocument | undefined {
  if (!isManifest(mediaType)) return unknownDocument;
  const document = parseObject(bytes);
  if (document === undefined) return undefined;
  if (document.mediaType !== undefined && document.mediaType !== mediaType) return undefined;
  const { config, subject, artifactType, annotations } = document;
  const layers = members(document.layers ?? document.blobs);
  const subjectDigest = isObject(subject) ? digestIn(subject) : undefined;
  const type = artifactType || (isObject(config) ? config.mediaType : undefined);
  return {
    isKnown: true,
    isIndex: isIndex(mediaType),
    children: members(document.manifests).flatMap((child) => digestIn(child) ?? []),
    blobs: [...(isObject(config) ? [config] : []), ...layers]
      .filter(({ mediaType: own }) => typeof own !== "string" || !isNondistributable(own))
      .flatMap((blob) => digestIn(blob) ?? []),
    layerCount: layers.length,
    ...(subjectDigest !== undefined && { subject: subjectDigest }),
    ...(typeof type === "string" && { artifactType: type }),
    ...(isObject(annotations) && { annotations }),
  };
}

export function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function members(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function digestIn({ digest }: Record<string, unknown>): Digest | undefined {
  return typeof digest === "string" && isDigest(digest) ? digest : undefined;
}
