import { createHash } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { preAuthEncoding } from "../../attestation/dsse.ts";
import { isObject } from "../../oci/descriptor.ts";
import { algorithmOf, type Digest, encodedPart } from "../../oci/digest.ts";
import { quoted, SignatureDefect } from "./defect.ts";
import type { SignedContent, SignedImage } from "./signed-content.ts";

/** How media types of bundles begin, in all versions: `application/vnd.dev.sigstore.bundle.v0.3+json`. */
export const bundleType = "application/vnd.dev.sigstore.bundle";

const statementType = "application/vnd.in-toto+json";
const signPredicate = "https://sigstore.dev/cosign/sign/v1";

/** More entries or timestamps than any signer makes; the library compares each with each before it checks one. */
const maxProofs = 8;

/** sigstore's numbers for hashes that a message signature may be over. */
const messageHashes: Readonly<Record<number, string>> = { 1: "sha256", 2: "sha384", 3: "sha512" };

/**
 * Reads a signature of cosign's second form: a bundle whose content is an in-toto statement about the image, or a
 * signature of the image's manifest itself.
 * {@link https://github.com/sigstore/cosign/blob/v3.0.0/specs/BUNDLE_SPEC.md}
 *
 * @throws {SignatureDefect} when it is malformed, of another image, or states something else than that it is signed.
 */
export async function readSignatureBundle(bytes: Uint8Array, image: SignedImage): Promise<SignedContent> {
  const bundle = await parseBundle(bytes);
  const { content, tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
  const timestamps = timestampVerificationData?.rfc3161Timestamps ?? [];
  if (tlogEntries.length > maxProofs || timestamps.length > maxProofs) {
    throw new SignatureDefect(`it brings more than ${maxProofs} log entries or timestamps`);
  }
  const certified = content.$case !== "publicKey";
  if (bundle.content.$case === "dsseEnvelope") {
    const { payload, payloadType, signatures } = bundle.content.dsseEnvelope;
    checkStatement(payloadType, payload, image.digest);
    return {
      form: "sigstore bundle",
      data: preAuthEncoding(payloadType, payload),
      signature: signatures[0]?.sig ?? Buffer.alloc(0),
      ...(certified && { certified: { bundle } }),
    };
  }
  const { signature, messageDigest } = bundle.content.messageSignature;
  const artifact = Buffer.from(image.manifest.bytes);
  checkMessageDigest(messageDigest, artifact);
  return {
    form: "sigstore bundle",
    data: artifact,
    signature,
    ...(certified && { certified: { bundle, artifact } }),
  };
}

async function parseBundle(bytes: Uint8Array): Promise<Bundle> {
  const { bundleFromJSON } = await import("@sigstore/bundle");
  try {
    return bundleFromJSON(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new SignatureDefect("it is no valid sigstore bundle", { cause });
  }
}

function checkStatement(payloadType: string, payload: Uint8Array, digest: Digest): void {
  if (payloadType !== statementType) {
    throw new SignatureDefect(`it signs ${quoted(payloadType)} and no in-toto statement`, { claimed: false });
  }
  const statement = parseStatement(payload);
  if (statement.predicateType !== signPredicate) {
    throw new SignatureDefect(`it states ${quoted(statement.predicateType)}`, { claimed: false });
  }
  const subjects: readonly unknown[] = Array.isArray(statement.subject) ? statement.subject : [];
  const algorithm = algorithmOf(digest);
  const digests = subjects.map((subject) =>
    isObject(subject) && isObject(subject.digest) ? subject.digest[algorithm] : undefined,
  );
  if (!digests.includes(encodedPart(digest))) {
    throw new SignatureDefect(`it is a signature of ${quoted(digests[0])}`);
  }
}

function parseStatement(payload: Uint8Array): Record<string, unknown> {
  let statement: unknown;
  try {
    statement = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch (cause) {
    throw new SignatureDefect("its statement is no JSON", { cause });
  }
  if (
    !isObject(statement) ||
    !/^https:\/\/in-toto\.io\/Statement\/v(?:0\.1|1)$/.test(String(statement._type))
  ) {
    throw new SignatureDefect("its statement is no in-toto statement");
  }
  return statement;
}

/** The library compares the log's digest with this one, and this one with nothing. */
function checkMessageDigest(
  stated: { readonly algorithm: number; readonly digest: Buffer },
  artifact: Buffer,
): void {
  const hash = messageHashes[stated.algorithm];
  if (hash === undefined) throw new SignatureDefect("its message digest is of an unknown kind");
  if (!createHash(hash).update(artifact).digest().equals(stated.digest)) {
    throw new SignatureDefect("it is a signature of something else than the image's manifest");
  }
}
