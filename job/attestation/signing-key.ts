import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";

/** A key that signs: of a file, or one that never leaves its service. */
export interface SigningKey {
  publicKey(options?: Waiting): Promise<KeyObject>;
  sign(message: Uint8Array, options?: Waiting): Promise<Uint8Array>;
}

/** A private key in memory. @throws {PromoterError} `InvalidConfiguration` for a kind that is not supported. */
export function signingKey(privateKey: KeyObject, publicKey: KeyObject): SigningKey {
  checkKind(publicKey);
  return {
    publicKey: async () => publicKey,
    sign: async (message) => sign(hashOf(publicKey), message, privateKey),
  };
}

/** True when `signature` over `message` was made with the private half of `publicKey`. */
export function isSignedBy(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(hashOf(publicKey), message, publicKey, signature);
}

/** By which a bundle says which key signed it: base64 of the SHA-256 digest of the key, as sigstore's clients have it. */
export function keyHint(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}

const leastRsaBits = 2048;

/**
 * Keys about whose digest all verifiers agree: ECDSA P-256 and RSA with SHA-256, and Ed25519.
 *
 * @throws {PromoterError} `InvalidConfiguration` for all others.
 */
export function checkKind(publicKey: KeyObject): void {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = publicKey;
  if (kind === "ed25519") return;
  if (kind === "ec" && details?.namedCurve === "prime256v1") return;
  if (kind === "rsa" && (details?.modulusLength ?? 0) >= leastRsaBits) return;
  const found = [kind, details?.namedCurve ?? details?.modulusLength].filter((part) => part !== undefined);
  throw new PromoterError("InvalidConfiguration", `Cannot use a key of the kind ${found.join(" ")}`, {
    hint: `Use a key of the kind ECDSA P-256 (cosign generate-key-pair makes one), Ed25519, or RSA of ${leastRsaBits} bits or more`,
  });
}

function hashOf(publicKey: KeyObject): "sha256" | null {
  return publicKey.asymmetricKeyType === "ed25519" ? null : "sha256";
}
