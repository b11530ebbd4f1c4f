import { PromoterError } from "../error.ts";
import { type Descriptor, isObject, readDescriptor } from "../oci/descriptor.ts";
import { digestOf } from "../oci/digest.ts";
import { type Manifest, maxManifestBytes } from "../oci/manifest.ts";
import { mediaTypes } from "../oci/media-type.ts";

/**
 * Adds referrers to the index that the referrers tag holds, or begins one. What stands there stays as it is, in its
 * order and with fields that are unknown here; what is new follows in the order of its digests, so that the same
 * content always gives the same bytes. An entry without artifact type or annotations gets those of its namesake.
 *
 * @returns undefined when nothing is missing.
 * @throws {PromoterError} `ManifestInvalid` when what stands there is no index, `ManifestTooLarge` when it would be.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema}
 */
export function extendReferrersIndex(
  current: Manifest | undefined,
  referrers: readonly Descriptor[],
): Manifest | undefined {
  const document = current === undefined ? emptyIndex() : parseIndex(current.bytes);
  const wanted = new Map(referrers.map((referrer) => [referrer.digest as string, entryOf(referrer)]));
  const standing = document.manifests.map((entry) => completed(entry, wanted));
  const known = new Set(standing.map((entry) => entry.digest));
  const added = [...wanted.values()].filter((entry) => !known.has(entry.digest)).sort(byDigest);
  if (added.length === 0 && standing.every((entry, at) => entry === document.manifests[at])) return undefined;
  return asManifest({ ...document, manifests: [...standing, ...added] });
}

/** The entries of a referrers index, each digest once. @throws {PromoterError} `ManifestInvalid`. */
export function readReferrersIndex(bytes: Uint8Array): Descriptor[] {
  const entries = parseIndex(bytes).manifests.map((entry, at) => readDescriptor(entry, `manifests[${at}]`));
  return [...new Map(entries.map((entry) => [entry.digest, entry])).values()];
}

interface IndexDocument extends Record<string, unknown> {
  readonly manifests: readonly Record<string, unknown>[];
}

function emptyIndex(): IndexDocument {
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
}

function parseIndex(bytes: Uint8Array): IndexDocument {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw noIndex(cause);
  }
  if (!isObject(document)) throw noIndex();
  const manifests = document.manifests ?? [];
  if (!Array.isArray(manifests) || !manifests.every(isObject)) throw noIndex();
  return { ...document, manifests };
}

function entryOf({
  mediaType,
  digest,
  size,
  artifactType,
  annotations,
}: Descriptor): Record<string, unknown> {
  return {
    mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations !== undefined && { annotations }),
  };
}

/** The entry itself where it lacks nothing. */
function completed(
  entry: Record<string, unknown>,
  wanted: ReadonlyMap<string, Record<string, unknown>>,
): Record<string, unknown> {
  const full = wanted.get(String(entry.digest));
  if (full === undefined) return entry;
  const missing = ["artifactType", "annotations"].filter(
    (field) => entry[field] === undefined && full[field],
  );
  if (missing.length === 0) return entry;
  return { ...entry, ...Object.fromEntries(missing.map((field) => [field, full[field]])) };
}

function byDigest(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a.digest) < String(b.digest) ? -1 : 1;
}

function asManifest(document: IndexDocument): Manifest {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  if (bytes.length > maxManifestBytes) {
    throw new PromoterError(
      "ManifestTooLarge",
      `Cannot list ${document.manifests.length} referrers in one index of at most ${maxManifestBytes} bytes`,
      {
        hint: "Delete old signatures and attestations of this image, or use a registry with the referrers API",
      },
    );
  }
  return {
    descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length },
    bytes,
  };
}

function noIndex(cause?: unknown): PromoterError {
  return new PromoterError("ManifestInvalid", "Cannot read the list of referrers: it is no index", {
    cause,
    hint: "Delete the tag sha256-<digest of the image> in this repository: only a list of referrers belongs there",
  });
}
