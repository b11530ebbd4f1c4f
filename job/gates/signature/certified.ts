import { X509Certificate } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import type { Signer, TrustMaterial } from "@sigstore/verify";
import { quoted, SignatureDefect } from "./defect.ts";
import { type CertifiedIdentity, matchesIdentity, type SignatureIdentity } from "./identity.ts";
import { loggedCertificates } from "./logged-certificates.ts";
import type { CertifiedContent } from "./signed-content.ts";

const codeSigning = "1.3.6.1.5.5.7.3.3";

/** What each of the library's findings means for whoever signed. */
const meanings: Readonly<Record<string, string>> = {
  CERTIFICATE_ERROR: "its certificate is not of a trusted authority, or was not valid when it signed",
  SIGNATURE_ERROR: "its signature does not fit its certificate",
  TIMESTAMP_ERROR: "nobody trusted says when it was made",
  TLOG_BODY_ERROR: "its entry in the transparency log is of something else",
  TLOG_ERROR: "it is in no transparency log",
  TLOG_INCLUSION_PROMISE_ERROR: "no trusted transparency log promised its entry",
  TLOG_INCLUSION_PROOF_ERROR: "no trusted transparency log proves its entry",
  TLOG_MISSING_INCLUSION_ERROR: "no transparency log proves its entry",
};

/**
 * Proves a signature by its certificate: a trusted authority issued it to one of the identities, a certificate log
 * knows it, a transparency log has the signature, and it was made while the certificate was valid.
 *
 * @returns who signed.
 * @throws {SignatureDefect} saying what of this does not hold.
 */
export async function verifyCertified(
  { bundle, artifact }: CertifiedContent,
  trust: TrustMaterial,
  identities: readonly SignatureIdentity[],
): Promise<CertifiedIdentity> {
  const { toSignedEntity, Verifier } = await import("@sigstore/verify");
  const verifier = new Verifier(trust, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 });
  let signer: Signer;
  try {
    signer = verifier.verify(toSignedEntity(bundle, artifact));
  } catch (cause) {
    throw new SignatureDefect(meaningOf(cause), { cause });
  }
  checkCertificate(bundle);
  // The library matches subjects by regular expressions that are not anchored; here both parts are compared whole.
  const { subjectAlternativeName: subject, extensions } = signer.identity ?? {};
  const issuer = extensions?.issuer;
  if (subject === undefined || issuer === undefined)
    throw new SignatureDefect("its certificate names nobody");
  const found = { issuer, subject };
  if (identities.some((identity) => matchesIdentity(identity, found))) return found;
  throw new SignatureDefect(`it was made by ${quoted(subject)} of the issuer ${quoted(issuer)}`);
}

/** What the library leaves open: what the certificate is for, and that the log's entry is of this very certificate. */
function checkCertificate(bundle: Bundle): void {
  const raw = leafOf(bundle);
  const uses = raw === undefined ? [] : (new X509Certificate(raw).keyUsage ?? []);
  if (raw === undefined || !uses.includes(codeSigning)) {
    throw new SignatureDefect("its certificate is not for signing code");
  }
  for (const entry of bundle.verificationMaterial.tlogEntries) {
    if (!loggedCertificates(entry.canonicalizedBody).some((logged) => logged.equals(raw))) {
      throw new SignatureDefect("its entry in the transparency log is of another certificate");
    }
  }
}

function leafOf(bundle: Bundle): Buffer | undefined {
  const { content } = bundle.verificationMaterial;
  if (content.$case === "certificate") return content.certificate.rawBytes;
  if (content.$case === "x509CertificateChain") return content.x509CertificateChain.certificates[0]?.rawBytes;
  return undefined;
}

function meaningOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return meanings[code] ?? "it is malformed";
}
