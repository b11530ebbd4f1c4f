import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import type { Waiting } from "../oci/content.ts";
import { checkKind, type SigningKey } from "./signing-key.ts";

/** A key that never leaves its service, which signs SHA-256 digests. */
export interface RemoteKey {
  /** As SubjectPublicKeyInfo, in DER. */
  publicKey(options?: Waiting): Promise<Uint8Array>;
  sign(
    digest: Uint8Array,
    algorithm: "ECDSA_SHA_256" | "RSASSA_PKCS1_V1_5_SHA_256",
    options?: Waiting,
  ): Promise<Uint8Array>;
}

/** Signs by a service; its public key is asked for once, and again after a failure. */
export function remoteSigningKey(remote: RemoteKey): SigningKey {
  let known: Promise<KeyObject> | undefined;
  const publicKey = (options?: Waiting): Promise<KeyObject> => {
    known ??= fetchPublicKey(remote, options).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    publicKey,
    async sign(message, options) {
      const { asymmetricKeyType } = await publicKey(options);
      const algorithm = asymmetricKeyType === "rsa" ? "RSASSA_PKCS1_V1_5_SHA_256" : "ECDSA_SHA_256";
      return remote.sign(createHash("sha256").update(message).digest(), algorithm, options);
    },
  };
}

async function fetchPublicKey(remote: RemoteKey, options: Waiting | undefined): Promise<KeyObject> {
  const key = Buffer.from(await remote.publicKey(options));
  const publicKey = createPublicKey({ key, format: "der", type: "spki" });
  checkKind(publicKey);
  return publicKey;
}
