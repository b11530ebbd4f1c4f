import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { type SigningKey, signingKey } from "../../job/attestation/signing-key.ts";

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly privatePem: string;
  readonly publicPem: string;
  readonly signing: SigningKey;
}

/** Of each kind that signs. */
export const keyKinds = {
  "ECDSA P-256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  Ed25519: () => generateKeyPairSync("ed25519"),
  "RSA 2048": () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
} as const;

export function keyPair(kind: keyof typeof keyKinds = "ECDSA P-256"): KeyPair {
  const { privateKey, publicKey } = keyKinds[kind]();
  return {
    privateKey,
    publicKey,
    privatePem: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    publicPem: String(publicKey.export({ type: "spki", format: "pem" })),
    signing: signingKey(privateKey, publicKey),
  };
}
