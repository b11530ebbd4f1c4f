import { isObject } from "../oci/descriptor.ts";

/** {@link https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/envelope.md} */
export const inTotoMediaType = "application/vnd.in-toto+json";

/** {@link https://github.com/sigstore/protobuf-specs/blob/v0.5.0/protos/sigstore_bundle.proto} */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** A DSSE envelope with what says whose signature it bears. */
export interface SignedEnvelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  /** By which the public key is found; undefined for a signature by a certificate. */
  readonly hint: string | undefined;
}

/** An envelope with one signature as a sigstore bundle, which cosign and the sigstore libraries read. */
export function formatBundle(payload: Uint8Array, signature: Uint8Array, hint: string): Uint8Array {
  const bundle = {
    mediaType: bundleMediaType,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(payload).toString("base64"),
      payloadType: inTotoMediaType,
      signatures: [{ sig: Buffer.from(signature).toString("base64") }],
    },
  };
  return Buffer.from(JSON.stringify(bundle));
}

/** Reads a bundle that may come from anybody; undefined when it is none, or holds no envelope. */
export function readBundle(bytes: Uint8Array): SignedEnvelope | undefined {
  const bundle = parse(bytes);
  if (!isObject(bundle) || !isObject(bundle.dsseEnvelope)) return undefined;
  const { payload, payloadType, signatures } = bundle.dsseEnvelope;
  if (typeof payload !== "string" || typeof payloadType !== "string" || !Array.isArray(signatures)) {
    return undefined;
  }
  const material = isObject(bundle.verificationMaterial) ? bundle.verificationMaterial : {};
  const { hint } = isObject(material.publicKey) ? material.publicKey : {};
  return {
    payloadType,
    payload: Buffer.from(payload, "base64"),
    signatures: signatures
      .filter(isObject)
      .flatMap(({ sig }) => (typeof sig === "string" ? [Buffer.from(sig, "base64")] : [])),
    hint: typeof hint === "string" ? hint : undefined,
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
