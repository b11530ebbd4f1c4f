import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { PromoterError } from "../../error.ts";

/** A public key in PEM, with the name under which reports speak of it: its file's. */
export interface PublicKeyText {
  readonly name: string;
  readonly pem: string;
}

/** A public key that may have signed. */
export interface SignatureKey {
  readonly name: string;
  readonly key: KeyObject;
  /** Hashes that signers use with this kind of key; `undefined` where the algorithm has its own (Ed25519). */
  readonly hashes: readonly (string | undefined)[];
}

/** What sigstore's own clients take for the shortest RSA key that still proves something. */
const minRsaBits = 2048;

/** cosign hashes with SHA-256 unless told otherwise; its bundles hash with what fits the curve. */
const curveHashes: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ["sha256"],
  secp384r1: ["sha256", "sha384"],
  secp521r1: ["sha256", "sha512"],
};

/**
 * Reads a public key as `cosign public-key` and `cosign generate-key-pair` write it.
 *
 * @throws {PromoterError} `InvalidConfiguration` when it is no public key in PEM, or of a kind that signs no images.
 */
export function readPublicKey({ name, pem }: PublicKeyText): SignatureKey {
  // Node would derive the public key from a private one; a private key has no business here.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) throw unusable(name, "it is a private key");
  if (!pem.includes("-----BEGIN PUBLIC KEY-----")) throw unusable(name, "it is no public key in PEM");
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw unusable(name, "its PEM cannot be read", cause);
  }
  return { name: `${name} (${fingerprint(key)})`, key, hashes: hashesFor(name, key) };
}

/** Whether `signature` over `data` was made with the key: ECDSA in ASN.1 DER, RSA PKCS#1 v1.5, or Ed25519. */
export function isSignedBy({ key, hashes }: SignatureKey, data: Uint8Array, signature: Uint8Array): boolean {
  return hashes.some((hash) => {
    try {
      return verify(hash, data, { key, dsaEncoding: "der" }, signature);
    } catch {
      return false;
    }
  });
}

function hashesFor(name: string, key: KeyObject): SignatureKey["hashes"] {
  const { namedCurve = "", modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "ed25519":
      return [undefined];
    case "rsa":
      if (modulusLength < minRsaBits)
        throw unusable(name, `it has ${modulusLength} bits, fewer than ${minRsaBits}`);
      return ["sha256"];
    case "ec": {
      const hashes = curveHashes[namedCurve];
      if (hashes === undefined) throw unusable(name, `the curve ${namedCurve} signs no images`);
      return hashes;
    }
    default:
      throw unusable(name, `keys of type ${key.asymmetricKeyType ?? "unknown"} sign no images`);
  }
}

/** The key's first digits, by which two files of the same name can be told apart. */
function fingerprint(key: KeyObject): string {
  const der = key.export({ format: "der", type: "spki" });
  return `SHA256:${createHash("sha256").update(der).digest("hex").slice(0, 16)}`;
}

function unusable(name: string, what: string, cause?: unknown): PromoterError {
  return new PromoterError("InvalidConfiguration", `Cannot use ${name} to verify signatures: ${what}`, {
    cause,
    hint: "Name a file with the public key in PEM: cosign public-key --key cosign.key > cosign.pub",
  });
}
