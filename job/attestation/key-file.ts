import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { PromoterError } from "../error.ts";
import { isCosignKey, openCosignKey } from "./cosign-key.ts";
import { checkKind, type SigningKey, signingKey } from "./signing-key.ts";

/**
 * A private key in PEM: cosign's own encrypted format, PKCS#8, encrypted or not, or the older forms of OpenSSL.
 *
 * @throws {PromoterError} `InvalidConfiguration` when it is none, its password wrong, or its kind not supported.
 */
export function readPrivateKey(pem: string, password: string | undefined): SigningKey {
  const privateKey = openPrivateKey(pem, password);
  return signingKey(privateKey, createPublicKey(privateKey));
}

/** A public key in PEM. @throws {PromoterError} `InvalidConfiguration` when it is none, or its kind is not supported. */
export function readPublicKey(pem: string): KeyObject {
  const publicKey = open(() => {
    if (!pem.includes("PUBLIC KEY-----")) throw new Error("no public key");
    return createPublicKey(pem);
  }, publicHint);
  checkKind(publicKey);
  return publicKey;
}

function openPrivateKey(pem: string, password: string | undefined): KeyObject {
  if (isCosignKey(pem)) {
    const key = Buffer.from(openCosignKey(pem, password ?? ""));
    return open(() => createPrivateKey({ key, format: "der", type: "pkcs8" }), privateHint);
  }
  // Without one, Node's error names what OpenSSL wanted; an empty one says the same of all keys.
  return open(() => createPrivateKey({ key: pem, passphrase: password ?? "" }), privateHint);
}

/** OpenSSL's messages are for those who know it; the key itself must not get into one. */
function open(work: () => KeyObject, hint: string): KeyObject {
  try {
    return work();
  } catch {
    throw new PromoterError("InvalidConfiguration", "Cannot read the key", { hint });
  }
}

const publicHint =
  "Give a public key in PEM (BEGIN PUBLIC KEY): cosign.pub, or what openssl pkey -pubout prints";
const privateHint =
  "Give a private key in PEM: cosign.key, or what openssl genpkey prints; its password, where it has one, in COSIGN_PASSWORD";
