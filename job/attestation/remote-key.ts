import { createPublicKey, type KeyObject } from "node:crypto";
import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { checkKind, isSignedBy, type SigningKey } from "./signing-key.ts";

/** A key that never leaves its service. */
export interface RemoteKey {
  /** As SubjectPublicKeyInfo, in DER. */
  publicKey(options?: Waiting): Promise<Uint8Array>;
  sign(
    message: Uint8Array,
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
      const key = await publicKey(options);
      const algorithm = key.asymmetricKeyType === "rsa" ? "RSASSA_PKCS1_V1_5_SHA_256" : "ECDSA_SHA_256";
      const signature = await remote.sign(message, algorithm, options);
      if (isSignedBy(key, message, signature)) return signature;
      throw new PromoterError("InvalidResponse", "Refused a signature that is not the key's", {
        hint: "Check that what answers is the service that holds the key; an endpoint override may lead elsewhere",
      });
    },
  };
}

async function fetchPublicKey(remote: RemoteKey, options: Waiting | undefined): Promise<KeyObject> {
  const key = Buffer.from(await remote.publicKey(options));
  const publicKey = createPublicKey({ key, format: "der", type: "spki" });
  checkKind(publicKey);
  return publicKey;
}
