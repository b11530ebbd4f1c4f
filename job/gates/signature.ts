import { type ErrorCode, hasCode, locateError } from "../error.ts";
import type { ContentReader, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { readBlob } from "../oci/read-blob.ts";
import type { Gate, GateCandidate, GateVerdict } from "../promotion/gate.ts";
import { readSignatureBundle } from "./signature/bundle.ts";
import { quoted, SignatureDefect } from "./signature/defect.ts";
import { type SignatureGateOptions, signaturePolicy } from "./signature/policy.ts";
import { refusalOf } from "./signature/refusal.ts";
import { signatureLayers } from "./signature/search.ts";
import type { SignedContent, SignedImage } from "./signature/signed-content.ts";
import { findSigner } from "./signature/signer.ts";
import { readSimpleSigning, simpleSigningType } from "./signature/simple-signing.ts";

/** Signatures of one image that are looked at. */
const maxSignatures = 50;

const maxPayloadBytes = 64 * 1024;
const maxBundleBytes = 4 * 1024 * 1024;

/** What is wrong with one signature alone, and says nothing of the others. */
const defects: readonly ErrorCode[] = [
  "BlobUnknown",
  "DigestMismatch",
  "ManifestInvalid",
  "MediaTypeMismatch",
  "SizeMismatch",
  "UnsupportedManifest",
];

/**
 * Lets an image pass that one of the named keys or identities has signed with cosign, in either of its forms. Of an
 * index it is the index that has to be signed: its digest covers all platforms.
 *
 * The gate's refusal is `SignatureRequired`. It rejects when no signature suffices and some place could not be asked.
 *
 * @throws {PromoterError} `InvalidConfiguration` when a key or an identity cannot be used.
 */
export function signatureGate(options: SignatureGateOptions): Gate {
  const policy = signaturePolicy(options);
  return {
    async check(candidate, waiting): Promise<GateVerdict> {
      policy.beginImage();
      const image = { digest: candidate.root.manifest.descriptor.digest, manifest: candidate.root.manifest };
      const found: SignatureDefect[] = [];
      let unasked: unknown;
      for await (const answer of signatureLayers(candidate, waiting)) {
        try {
          if ("failed" in answer) throw answer.failed;
          const content = await readSignature(answer.layer, image, candidate.from, waiting);
          const signer = await findSigner(content, policy, waiting);
          return { gate: "signature", detail: `signed by ${signer} (${content.form})`, findings: [] };
        } catch (thrown) {
          waiting.signal?.throwIfAborted();
          const defect = asDefect(thrown);
          if (defect === undefined) unasked ??= thrown;
          else found.push(defect);
        }
        if (found.length >= maxSignatures) break;
      }
      if (unasked !== undefined)
        await locateError({ side: sideOf(candidate) }, () => Promise.reject(unasked));
      return refusalOf(candidate, found, maxSignatures);
    },
  };
}

/** The layer's content, proven to be what its manifest names. */
async function readSignature(
  layer: Descriptor,
  image: SignedImage,
  from: ContentReader,
  waiting: Waiting,
): Promise<SignedContent> {
  const simple = layer.mediaType === simpleSigningType;
  const most = simple ? maxPayloadBytes : maxBundleBytes;
  if (layer.size > most) throw new SignatureDefect(`it has ${layer.size} bytes, more than ${most}`);
  const bytes = await readBlob(from, layer, waiting);
  return simple ? readSimpleSigning(layer, bytes, image) : readSignatureBundle(bytes, image);
}

/** A defect of one signature; undefined for an error that leaves open whether there is a better one. */
function asDefect(thrown: unknown): SignatureDefect | undefined {
  if (thrown instanceof SignatureDefect) return thrown;
  if (!hasCode(thrown, ...defects)) return undefined;
  return new SignatureDefect(`it cannot be read: ${quoted(thrown.message)}`, { cause: thrown });
}

function sideOf(candidate: GateCandidate): "source" | "destination" {
  return candidate.source === undefined ? "destination" : "source";
}
