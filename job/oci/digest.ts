import { createHash, type Hash } from "node:crypto";

/**
 * `<algorithm>:<hex>`, one of the algorithms that we can verify.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests}
 */
export type Digest = `sha256:${string}` | `sha512:${string}`;

const verifiable = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

export function isDigest(text: string): text is Digest {
  return verifiable.test(text);
}

/** The digest of `bytes` by the algorithm of `like`. */
export function digestOf(bytes: Uint8Array, like: "sha256" | "sha512" = "sha256"): Digest {
  return `${like}:${createHash(like).update(bytes).digest("hex")}`;
}

export function algorithmOf(digest: Digest): "sha256" | "sha512" {
  return digest.startsWith("sha256:") ? "sha256" : "sha512";
}

/** The hexadecimal part. */
export function encodedPart(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** An open hash of the digest's algorithm. */
export function hashFor(digest: Digest): Hash {
  return createHash(algorithmOf(digest));
}
