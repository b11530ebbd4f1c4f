import { KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type { ServerCertificate } from "../../http-server/secure-listener.ts";

/** A server's certificate, and the authority that vouches for it and for nothing else. */
export interface IssuedCertificate extends ServerCertificate {
  /** The authority's certificate, as PEM. */
  readonly authority: string;
}

export interface CertificateRequest {
  /** What the server is called, host names and IP addresses; at least one. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** {@link https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1} */
const mostInCommonName = 64;

/**
 * Makes an authority and has it issue one certificate. The authority's key is forgotten: nobody can have it vouch for
 * anything else, and whoever renews the certificate takes a new authority.
 */
export async function issueCertificate({
  names,
  notBefore,
  notAfter,
}: CertificateRequest): Promise<IssuedCertificate> {
  // The library's decorators need it before they are loaded.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const { X509CertificateGenerator, KeyUsageFlags } = x509;
  const [issuing, serving] = await Promise.all([newKeys(), newKeys()]);
  const issuer = `CN=image-promoter webhook ${randomBytes(8).toString("hex")}`;
  const validity = {
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    signingAlgorithm: algorithm,
  };
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity,
      name: issuer,
      keys: issuing,
      serialNumber: serial(),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(issuing.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const [first = ""] = names;
  const certificate = await X509CertificateGenerator.create(
    {
      ...validity,
      subject: [{ CN: [first.length <= mostInCommonName ? first : "image-promoter"] }],
      issuer,
      publicKey: serving.publicKey,
      signingKey: issuing.privateKey,
      serialNumber: serial(),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(issuing.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return {
    authority: `${authority.toString("pem").trim()}\n`,
    certificate: `${certificate.toString("pem").trim()}\n`,
    key: KeyObject.from(serving.privateKey).export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** Positive, and of no more than 20 bytes. {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2} */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}
