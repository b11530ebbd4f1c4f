import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { digestOf } from "../../job/oci/digest.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { cosignTags } from "../../job/oci/referrers-tag.ts";
import { blob, document } from "../promotion/memory-image.ts";
import type { MemoryRepository } from "../promotion/memory-registry.ts";

export const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";
export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
export const signPredicate = "https://sigstore.dev/cosign/sign/v1";

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function p256(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

export function pemOf({ publicKey }: KeyPair): string {
  return publicKey.export({ format: "pem", type: "spki" }).toString();
}

/** Signs as cosign does: SHA-256 for everything but Ed25519, which has a hash of its own. */
export function signed({ privateKey }: KeyPair, data: Uint8Array, hash = "sha256"): Buffer {
  return sign(privateKey.asymmetricKeyType === "ed25519" ? undefined : hash, data, privateKey);
}

/** What cosign's first form signs. */
export function payloadFor(digest: string, type = "cosign container image signature"): string {
  const identity = { "docker-reference": "registry.example.com/somebody/else" };
  return JSON.stringify({
    critical: { identity, image: { "docker-manifest-digest": digest }, type },
    optional: null,
  });
}

export interface SimpleLayer {
  readonly payload: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the manifest says of the layer, where that differs from what it is. */
  readonly stated?: Partial<Descriptor>;
}

export function simpleLayer(
  key: KeyPair,
  payload: string,
  more: Omit<SimpleLayer, "payload"> = {},
): SimpleLayer {
  const signature = signed(key, Buffer.from(payload)).toString("base64");
  return {
    ...more,
    payload,
    annotations: { "dev.cosignproject.cosign/signature": signature, ...more.annotations },
  };
}

/** Puts signatures under cosign's tag for an image. */
export function tagSignatures(
  to: MemoryRepository,
  image: Manifest,
  layers: readonly SimpleLayer[],
): Manifest {
  const [tag] = cosignTags(image.descriptor.digest);
  const manifest = document({
    mediaType: mediaTypes.ociManifest,
    config: blob(to, "{}", mediaTypes.ociConfig),
    layers: layers.map(({ payload, annotations, stated }) => ({
      ...blob(to, payload, simpleSigningType),
      ...stated,
      annotations,
    })),
  });
  to.put(manifest, tag);
  return manifest;
}

/** What cosign's second form signs. */
export function statementFor(digest: string, predicateType = signPredicate): Buffer {
  const [algorithm = "", hex = ""] = digest.split(":");
  const subject = [{ digest: { [algorithm]: hex }, annotations: {} }];
  return Buffer.from(
    JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate: {} }),
  );
}

export function envelopeOf(
  payload: Buffer,
  sign: (data: Buffer) => Buffer,
  payloadType = "application/vnd.in-toto+json",
) {
  const data = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  return {
    payloadType,
    payload: payload.toString("base64"),
    signatures: [{ sig: sign(data).toString("base64") }],
  };
}

/** A bundle as `cosign sign --new-bundle-format --tlog-upload=false --key` makes it. */
export function keyBundle(key: KeyPair, payload: Buffer, hash?: string): object {
  return {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: "any" }, tlogEntries: [] },
    dsseEnvelope: envelopeOf(payload, (data) => signed(key, data, hash)),
  };
}

/** A bundle whose signature is over the manifest itself. */
export function messageBundle(key: KeyPair, image: Manifest, signedBytes: Uint8Array = image.bytes): object {
  const digest = createHash("sha256").update(image.bytes).digest("base64");
  return {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: "" }, tlogEntries: [] },
    messageSignature: {
      messageDigest: { algorithm: "SHA2_256", digest },
      signature: signed(key, signedBytes).toString("base64"),
    },
  };
}

/** Attaches a bundle to an image as a referrer. */
export function attachBundle(to: MemoryRepository, image: Manifest, bundle: object | string): Manifest {
  const text = typeof bundle === "string" ? bundle : JSON.stringify(bundle);
  const manifest = document({
    mediaType: mediaTypes.ociManifest,
    artifactType: bundleType,
    config: blob(to, "{}", mediaTypes.empty),
    layers: [blob(to, text, bundleType)],
    subject: image.descriptor,
    // Two bundles of the same bytes are still two referrers.
    annotations: { nonce: digestOf(Buffer.from(text)) },
  });
  to.put(manifest);
  return manifest;
}
