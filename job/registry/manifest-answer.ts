import { PromoterError } from "../error.ts";
import { type Descriptor, isObject } from "../oci/descriptor.ts";
import { algorithmOf, type Digest, digestOf, isDigest } from "../oci/digest.ts";
import { type Manifest, maxManifestBytes, readManifest } from "../oci/manifest.ts";
import { bareMediaType, isSchema1, mediaTypes } from "../oci/media-type.ts";
import type { Target } from "../oci/reference.ts";
import { type Answer, readBytes } from "./answer.ts";

/** Types that servers write where they know none, and that of pages, which no manifest has. */
const generic: ReadonlySet<string> = new Set([
  "",
  "application/json",
  "application/octet-stream",
  "binary/octet-stream",
  "text/html",
  "text/plain",
]);

/**
 * The descriptor that a HEAD's headers give; undefined when they do not tell all of it.
 *
 * @throws {PromoterError} `DigestMismatch` when the registry answers with another digest than it was asked for;
 * `UnsupportedManifest` for Docker's schema 1.
 */
export function readManifestHead(answer: Answer, target: Target): Descriptor | undefined {
  const mediaType = contentType(answer);
  const length = answer.headers["content-length"] ?? "";
  const header = digestHeader(answer);
  const asked = isDigest(target) ? target : undefined;
  if (isSchema1(mediaType)) refuseSchema1(mediaType);
  if (asked !== undefined && header !== undefined) {
    if (algorithmOf(asked) !== algorithmOf(header)) return undefined;
    assertDigest(asked, header);
  }
  const digest = asked ?? header;
  if (digest === undefined || generic.has(mediaType) || !/^[1-9]\d*$/.test(length)) return undefined;
  return { mediaType, digest, size: Number(length) };
}

/**
 * Reads a manifest's exact bytes and proves them. The digest is computed, never taken from a header.
 *
 * @throws {PromoterError} `ManifestTooLarge`, `DigestMismatch`, `MediaTypeMismatch`, `UnsupportedManifest`,
 * `InvalidResponse` when nothing says what the document is.
 */
export async function readManifestBody(answer: Answer, target: Target): Promise<Manifest> {
  const tooLarge = Number(answer.headers["content-length"] ?? 0) > maxManifestBytes;
  const bytes = tooLarge ? undefined : await readBytes(answer, maxManifestBytes);
  if (bytes === undefined) {
    answer.body.destroy();
    throw manifestTooLarge(target);
  }
  const header = digestHeader(answer);
  const algorithm = algorithmOf(isDigest(target) ? target : (header ?? "sha256:"));
  const digest = digestOf(bytes, algorithm);
  if (isDigest(target)) assertDigest(target, digest);
  if (header !== undefined) {
    const other = algorithmOf(header);
    assertDigest(header, other === algorithm ? digest : digestOf(bytes, other));
  }
  return { descriptor: { mediaType: mediaTypeOf(answer, bytes), digest, size: bytes.length }, bytes };
}

/** The `Docker-Content-Digest` of an answer, where it has a valid one. */
export function digestHeader(answer: Answer): Digest | undefined {
  const header = answer.headers["docker-content-digest"]?.trim() ?? "";
  return isDigest(header) ? header : undefined;
}

/** @throws {PromoterError} `DigestMismatch`. */
export function assertDigest(expected: Digest, found: Digest): void {
  if (expected === found) return;
  throw new PromoterError(
    "DigestMismatch",
    `Refused what the registry sent for ${expected}: it is ${found}`,
    {
      hint: "Do not use this image: the registry, or a proxy before it, has altered or exchanged it",
    },
  );
}

function mediaTypeOf(answer: Answer, bytes: Uint8Array): string {
  const header = contentType(answer);
  const document = parse(bytes);
  const own = typeof document.mediaType === "string" ? document.mediaType : undefined;
  if (document.schemaVersion === 1 || isSchema1(header)) refuseSchema1(mediaTypes.dockerSchema1);
  if (generic.has(header)) return own ?? guess(document, answer);
  if (own !== undefined && own !== header) {
    throw new PromoterError(
      "MediaTypeMismatch",
      `Refused the manifest: it calls itself ${JSON.stringify(own.slice(0, 100))} and the registry calls it ${header}`,
      {
        hint: "Do not promote this image: registries and runtimes may read it as different things; build it anew",
      },
    );
  }
  return header;
}

/** OCI documents need not name their own type; their fields tell them apart. */
function guess(document: Record<string, unknown>, answer: Answer): string {
  if (Array.isArray(document.manifests) && document.layers === undefined) return mediaTypes.ociIndex;
  if (Array.isArray(document.layers) && document.manifests === undefined) return mediaTypes.ociManifest;
  throw new PromoterError(
    "InvalidResponse",
    `Cannot tell what ${answer.url.host} sent: neither the answer nor the document names a media type`,
    {
      temporary: true,
      hint: `See that ${answer.url.host} is a registry, and that no proxy before it alters its answers`,
    },
  );
}

function contentType(answer: Answer): string {
  return bareMediaType(answer.headers["content-type"] ?? "");
}

/** A manifest of an unknown type need not be JSON. */
function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isObject(document) ? document : {};
  } catch {
    return {};
  }
}

function refuseSchema1(mediaType: string): void {
  readManifest({
    descriptor: { mediaType, digest: digestOf(new Uint8Array()), size: 0 },
    bytes: new Uint8Array(),
  });
}

function manifestTooLarge(target: Target): PromoterError {
  return new PromoterError(
    "ManifestTooLarge",
    `Refused manifest ${target}: it has more than ${maxManifestBytes} bytes`,
    { hint: "Move what makes it so large, most often annotations or embedded data, into layers" },
  );
}
