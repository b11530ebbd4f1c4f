import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { PromoterError } from "../error.ts";

/**
 * What to trust when `NODE_EXTRA_CA_CERTS` names certificates: undefined when Node itself has read them at its start
 * (or there are none), else a context with the usual authorities and these.
 *
 * @throws {PromoterError} `InvalidConfiguration` when the file cannot be read or holds no certificate.
 */
export function trustedContext(env: Readonly<Record<string, string | undefined>>): SecureContext | undefined {
  const path = env.NODE_EXTRA_CA_CERTS;
  if (path === undefined || path === "") return undefined;
  const extra = certificatesIn(path);
  const known = new Set(getCACertificates("extra").map(bare));
  if (extra.every((certificate) => known.has(bare(certificate)))) return undefined;
  try {
    return createSecureContext({ ca: [...getCACertificates("default"), ...extra] });
  } catch (error) {
    throw unusable(path, error);
  }
}

function certificatesIn(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw unusable(path, error);
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (found === null) throw unusable(path);
  return found;
}

function bare(certificate: string): string {
  return certificate.replace(/\s+/g, "");
}

function unusable(path: string, cause?: unknown): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `Cannot read certificates from ${JSON.stringify(path)}, which NODE_EXTRA_CA_CERTS names`,
    { hint: "Let NODE_EXTRA_CA_CERTS name a readable file with certificates in PEM", cause },
  );
}
