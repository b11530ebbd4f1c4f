import { scryptSync } from "node:crypto";
import { PromoterError } from "../error.ts";
import { isObject } from "../oci/descriptor.ts";
import { openSecretbox } from "./secretbox.ts";

const begin = /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----([^-]*)-----END/;

/** Most bytes that deriving the key may take: twice of what cosign asks for. */
const maxDerivationBytes = 128 * 1024 * 1024;

/** True for the file that `cosign generate-key-pair` writes. */
export function isCosignKey(pem: string): boolean {
  return begin.test(pem);
}

/**
 * Opens a private key as cosign keeps it: the password by scrypt, the key in a NaCl secretbox.
 * {@link https://github.com/sigstore/cosign/blob/v3.0.0/pkg/cosign/keys.go}
 *
 * @returns the key as PKCS#8, in DER.
 * @throws {PromoterError} `InvalidConfiguration` when the file is malformed or the password wrong.
 */
export function openCosignKey(pem: string, password: string): Uint8Array {
  const { kdf, cipher, ciphertext } = readFile(pem);
  const { N, r, p } = kdf;
  // Whoever can write the file could else make us run out of memory.
  if (kdf.name !== "scrypt" || cipher.name !== "nacl/secretbox" || 128 * N * r * p > maxDerivationBytes) {
    throw malformed("its encryption is not cosign's");
  }
  const options = { N, r, p, maxmem: 2 * maxDerivationBytes };
  const key = derive(() => scryptSync(password, kdf.salt, 32, options));
  const opened = openSecretbox(ciphertext, cipher.nonce, key);
  if (opened !== undefined) return opened;
  throw new PromoterError("InvalidConfiguration", "Cannot open the private key: the password is wrong", {
    hint: "Set COSIGN_PASSWORD to the password that cosign generate-key-pair was given",
  });
}

function derive(work: () => Uint8Array): Uint8Array {
  try {
    return work();
  } catch (cause) {
    throw malformed("its parameters are invalid", cause);
  }
}

function readFile(pem: string) {
  const document = parse(pem);
  const { kdf, cipher, ciphertext } = document;
  if (!isObject(kdf) || !isObject(kdf.params) || !isObject(cipher)) throw malformed("a part is missing");
  const { N, r, p } = kdf.params;
  return {
    kdf: { name: kdf.name, N: count(N), r: count(r), p: count(p), salt: bytes(kdf.salt) },
    cipher: { name: cipher.name, nonce: bytes(cipher.nonce) },
    ciphertext: bytes(ciphertext),
  };
}

function parse(pem: string): Record<string, unknown> {
  const body = begin.exec(pem)?.[1] ?? "";
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body, "base64").toString("utf8"));
  } catch {
    // The parser's message would quote what it read.
    throw malformed("it holds no JSON");
  }
  if (!isObject(document)) throw malformed("it holds no JSON object");
  return document;
}

function count(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw malformed("a parameter is no number");
}

function bytes(value: unknown): Buffer {
  if (typeof value !== "string") throw malformed("a part is missing");
  return Buffer.from(value, "base64");
}

function malformed(what: string, cause?: unknown): PromoterError {
  return new PromoterError("InvalidConfiguration", `Cannot read the private key: ${what}`, {
    cause,
    hint: "Give the cosign.key that cosign generate-key-pair wrote, or a private key as PKCS#8 PEM",
  });
}
