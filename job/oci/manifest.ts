import { PromoterError } from "../error.ts";
import { type Descriptor, isObject, readDescriptor } from "./descriptor.ts";
import { isIndex, isManifest, isNondistributable, isSchema1, mediaTypes } from "./media-type.ts";

/** A manifest or index as a registry holds it. The bytes are the truth and are never written anew. */
export interface Manifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** What a manifest names, in the order in which it names it. */
export interface ManifestContent {
  /** Members of an index. */
  readonly manifests: readonly Descriptor[];
  /** Config and layers that belong into the same repository. */
  readonly blobs: readonly Descriptor[];
  /** Layers that stay where their licence keeps them; registries accept manifests without them. */
  readonly nondistributable: readonly Descriptor[];
  /** The manifest that this one is attached to. */
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Most bytes that a manifest may have: what registries must at least accept.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests}
 */
export const maxManifestBytes: number = 4 * 1024 * 1024;

/** Members of one manifest; an index of every platform there is has dozens. */
const maxMembers = 10_000;

/**
 * Reads what a manifest names. A manifest of an unknown media type names nothing and is copied as it is.
 *
 * @throws {PromoterError} `UnsupportedManifest` for Docker's schema 1; `MediaTypeMismatch` when the document claims
 * another type than its descriptor or is index and image at once (CVE-2021-41190); `ManifestInvalid` when it is
 * malformed.
 */
export function readManifest(manifest: Manifest): ManifestContent {
  const { mediaType } = manifest.descriptor;
  if (isSchema1(mediaType)) throw schema1();
  if (!isManifest(mediaType)) return { manifests: [], blobs: [], nondistributable: [] };
  const document = parse(manifest.bytes);
  if (typeof document.mediaType === "string" && document.mediaType !== mediaType) {
    throw mismatch(
      `it calls itself ${JSON.stringify(document.mediaType.slice(0, 100))} and its descriptor says ${mediaType}`,
    );
  }
  const { manifests, config, layers, blobs, subject, artifactType, annotations } = document;
  if (document.fsLayers !== undefined) throw schema1();
  if (isIndex(mediaType) ? layers !== undefined || config !== undefined : manifests !== undefined) {
    throw mismatch("it is an index and an image at once");
  }
  const contents = [
    ...(config === undefined ? [] : [readDescriptor(config, "config")]),
    ...readDescriptors(mediaType === mediaTypes.ociArtifact ? blobs : layers, "layers"),
  ];
  return {
    manifests: readDescriptors(manifests, "manifests"),
    blobs: contents.filter((blob) => !isNondistributable(blob.mediaType)),
    nondistributable: contents.filter((blob) => isNondistributable(blob.mediaType)),
    ...(subject != null && { subject: readDescriptor(subject, "subject") }),
    ...readArtifactType(artifactType, config),
    ...(isObject(annotations) && { annotations: annotations as Record<string, string> }),
  };
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}: else the config's media type. */
function readArtifactType(own: unknown, config: unknown): { artifactType?: string } {
  if (typeof own === "string" && own !== "") return { artifactType: own };
  return isObject(config) && typeof config.mediaType === "string" ? { artifactType: config.mediaType } : {};
}

function readDescriptors(value: unknown, where: string): Descriptor[] {
  if (value == null) return [];
  if (!Array.isArray(value)) throw malformed(`${where} is no list`);
  if (value.length > maxMembers)
    throw malformed(`${where} has ${value.length} members, more than ${maxMembers}`);
  return value.map((member, position) => readDescriptor(member, `${where}[${position}]`));
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed("it is no JSON", cause);
  }
  if (!isObject(document)) throw malformed("it is no JSON object");
  return document;
}

function malformed(what: string, cause?: unknown): PromoterError {
  return new PromoterError("ManifestInvalid", `Cannot read the manifest: ${what}`, {
    cause,
    hint: "Build and push the image again: what the registry holds under this name is not a valid manifest",
  });
}

function mismatch(what: string): PromoterError {
  return new PromoterError("MediaTypeMismatch", `Refused the manifest: ${what}`, {
    hint: "Do not promote this image: registries and runtimes may read it as different things; build it anew",
  });
}

function schema1(): PromoterError {
  return new PromoterError(
    "UnsupportedManifest",
    "Cannot promote an image of Docker's manifest version 2, schema 1",
    {
      hint: "Push the image again with a current builder: schema 1 has been deprecated since 2019 and has no stable digest",
    },
  );
}
