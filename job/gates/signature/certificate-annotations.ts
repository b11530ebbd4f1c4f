import { createHash, X509Certificate } from "node:crypto";
import { isObject } from "../../oci/descriptor.ts";
import { SignatureDefect } from "./defect.ts";
import type { CertifiedContent } from "./signed-content.ts";

const annotations = {
  certificate: "dev.sigstore.cosign/certificate",
  bundle: "dev.sigstore.cosign/bundle",
  timestamp: "dev.sigstore.cosign/rfc3161timestamp",
} as const;

/**
 * Writes what cosign's annotations say of a keyless signature as the sigstore bundle that it would be today. The chain
 * among them is left out: which authorities count is for the trusted root to say.
 *
 * @throws {SignatureDefect} when an annotation is malformed. Undefined when there is no certificate.
 */
export async function certifiedByAnnotations(
  found: Readonly<Record<string, string>>,
  payload: Uint8Array,
  signature: Uint8Array,
): Promise<CertifiedContent | undefined> {
  const pem = found[annotations.certificate];
  if (pem === undefined) return undefined;
  const { bundleFromJSON } = await import("@sigstore/bundle");
  const timestamp = found[annotations.timestamp];
  try {
    const bundle = bundleFromJSON({
      // The version in which a promise of the log suffices, which is all that the annotations hold.
      mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
      messageSignature: {
        messageDigest: {
          algorithm: "SHA2_256",
          digest: createHash("sha256").update(payload).digest("base64"),
        },
        signature: base64(signature),
      },
      verificationMaterial: {
        x509CertificateChain: { certificates: [{ rawBytes: base64(new X509Certificate(pem).raw) }] },
        tlogEntries: logEntries(found[annotations.bundle]),
        timestampVerificationData: { rfc3161Timestamps: timestamps(timestamp) },
      },
    });
    return { bundle, artifact: Buffer.from(payload) };
  } catch (cause) {
    throw new SignatureDefect("its certificate or its entry of the transparency log is malformed", { cause });
  }
}

/** Rekor's answer as cosign keeps it: `{SignedEntryTimestamp, Payload: {body, integratedTime, logIndex, logID}}`. */
function logEntries(annotation: string | undefined): readonly unknown[] {
  const entry = parse(annotation);
  if (!isObject(entry?.Payload)) return [];
  const { body, integratedTime, logIndex, logID } = entry.Payload;
  const { kind, apiVersion } = parse(Buffer.from(String(body), "base64").toString()) ?? {};
  return [
    {
      logIndex: String(logIndex),
      logId: { keyId: Buffer.from(String(logID), "hex").toString("base64") },
      kindVersion: { kind, version: apiVersion },
      integratedTime: String(integratedTime),
      inclusionPromise: { signedEntryTimestamp: entry.SignedEntryTimestamp },
      canonicalizedBody: body,
    },
  ];
}

function timestamps(annotation: string | undefined): readonly unknown[] {
  const signed = parse(annotation)?.SignedRFC3161Timestamp;
  return signed === undefined ? [] : [{ signedTimestamp: signed }];
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  const document: unknown = JSON.parse(text);
  return isObject(document) ? document : undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
