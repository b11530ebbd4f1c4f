import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { checkPair, type ServerCertificate } from "../../http-server/secure-listener.ts";

/** When a certificate holds, in milliseconds since the epoch. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

export interface CertificateDemands {
  /** What the server has to be called by it. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** When the first certificate of a PEM text holds; undefined for what is none. */
export function validityOf(pem: string): Validity | undefined {
  const certificate = parsed(pem);
  if (certificate === undefined) return undefined;
  return { from: certificate.validFromDate.getTime(), until: certificate.validToDate.getTime() };
}

/** Why a certificate cannot serve under these names at this time; undefined when it can. */
export function flawOf(given: ServerCertificate, { names, now }: CertificateDemands): string | undefined {
  const certificate = parsed(given.certificate);
  if (certificate === undefined) return "it is no certificate";
  try {
    checkPair(given);
  } catch {
    return "certificate and key are no pair";
  }
  const missing = names.find(
    (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) === undefined,
  );
  if (missing !== undefined) return `it is not for ${missing}`;
  if (certificate.validToDate.getTime() <= now) return `it ended at ${certificate.validToDate.toISOString()}`;
  if (certificate.validFromDate.getTime() > now)
    return `it begins at ${certificate.validFromDate.toISOString()}`;
  return undefined;
}

/** Whether one of a bundle's authorities has issued a certificate. */
export function isVouchedFor(certificate: string, bundle: string, now: number): boolean {
  const served = parsed(certificate);
  return validCertificates(bundle, now).some((pem) => {
    const authority = parsed(pem);
    return authority !== undefined && served?.verify(authority.publicKey) === true;
  });
}

const endOfCertificate = "-----END CERTIFICATE-----";

/** The certificates of a bundle, each as PEM; what is none is left away, and so is what ended before `now`. */
export function validCertificates(bundle: string, now: number): readonly string[] {
  return bundle
    .split(endOfCertificate)
    .map((part) => {
      const start = part.indexOf("-----BEGIN CERTIFICATE-----");
      return start < 0 ? "" : `${part.slice(start)}${endOfCertificate}\n`;
    })
    .filter((pem) => pem !== "" && (validityOf(pem)?.until ?? 0) > now);
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
