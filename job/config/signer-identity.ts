import { PromoterError } from "../error.ts";

/** Whose signature without a key counts: who vouched for the signer, and who that was. */
export interface SignerIdentity {
  /** The OpenID Connect issuer, exactly: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The certificate's subject alternative name, exactly: an address of a workflow, or of a person. */
  readonly subject?: string | undefined;
  /** Instead of it a pattern in which `*` stands for any characters. */
  readonly subjectPattern?: string | undefined;
}

/**
 * Reads `ISSUER=SUBJECT`; a subject with `*` is a pattern.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseSignerIdentity(text: string): SignerIdentity {
  const equals = text.indexOf("=");
  const [issuer, subject] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
  if (equals < 0 || !isIssuer(issuer) || subject.replaceAll("*", "") === "") {
    throw new PromoterError(
      "InvalidConfiguration",
      `Cannot use ${JSON.stringify(text.slice(0, 300))}: it is no identity of a signer`,
      {
        hint: "Write ISSUER=SUBJECT: https://token.actions.githubusercontent.com=https://github.com/example/app/.github/workflows/build.yaml@refs/heads/main",
      },
    );
  }
  return subject.includes("*") ? { issuer, subjectPattern: subject } : { issuer, subject };
}

/** Whether a text can be an issuer of OpenID Connect: an https address. */
export function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === "https:" && url.username === "" && url.password === "";
}
