import { PromoterError } from "../../error.ts";
import { matchesWildcard } from "../../oci/wildcard.ts";

/** Who may sign without a key: what the issuer of an identity token said of the signer. */
export interface SignatureIdentity {
  /** The OpenID Connect issuer, letter for letter: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The certificate's subject, letter for letter: an address or a workflow. Either this or `subjectPattern`. */
  readonly subject?: string | undefined;
  /** A pattern for the whole subject in which `*` stands for any number of characters. */
  readonly subjectPattern?: string | undefined;
}

/** What a certificate that was verified says of its owner. */
export interface CertifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * Checks that an identity names its issuer and exactly one kind of subject.
 *
 * @throws {PromoterError} `InvalidConfiguration` when it would accept nobody, or everybody whom the issuer knows.
 */
export function checkIdentity(identity: SignatureIdentity): void {
  const { issuer, subject, subjectPattern } = identity;
  if (issuer === "") throw unusable("its issuer is empty");
  if ((subject === undefined) === (subjectPattern === undefined)) {
    throw unusable(`that of ${issuer} needs either a subject or a subjectPattern`);
  }
  const wanted = subject ?? subjectPattern ?? "";
  // A pattern of stars alone would let everybody sign who has an account with the issuer.
  if (wanted.replaceAll("*", "") === "") throw unusable(`that of ${issuer} names no subject`);
}

/** Whether a signer is who was asked for. Both parts must fit, and the whole subject. */
export function matchesIdentity(wanted: SignatureIdentity, found: CertifiedIdentity): boolean {
  if (wanted.issuer !== found.issuer) return false;
  if (wanted.subject !== undefined) return wanted.subject === found.subject;
  return wanted.subjectPattern !== undefined && matchesWildcard(wanted.subjectPattern, found.subject);
}

function unusable(what: string): PromoterError {
  return new PromoterError("InvalidConfiguration", `Cannot use an identity to verify signatures: ${what}`, {
    hint: "Name the issuer and the subject, as in https://token.actions.githubusercontent.com=https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main",
  });
}
