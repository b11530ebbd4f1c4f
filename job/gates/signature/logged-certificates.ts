import { X509Certificate } from "node:crypto";
import { isObject } from "../../oci/descriptor.ts";

/** Where entries of each kind keep the certificate, base64 of PEM (version 1 of the log) or of DER (version 2). */
const places: readonly (readonly string[])[] = [
  ["spec", "signature", "publicKey", "content"],
  ["spec", "signatures", "0", "verifier"],
  ["spec", "content", "envelope", "signatures", "0", "publicKey"],
  ["spec", "publicKey"],
  ["spec", "hashedRekordV002", "signature", "verifier", "x509Certificate", "rawBytes"],
  ["spec", "dsseV002", "signatures", "0", "verifier", "x509Certificate", "rawBytes"],
];

/**
 * The certificates, in DER, with which an entry of the transparency log says that the signature was made.
 * {@link https://github.com/sigstore/rekor/tree/v1.4.0/pkg/types}
 */
export function loggedCertificates(body: Uint8Array): readonly Buffer[] {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body).toString());
  } catch {
    return [];
  }
  return places.flatMap((place) => certificateIn(place.reduce(memberOf, document)));
}

function memberOf(value: unknown, member: string): unknown {
  if (Array.isArray(value)) return value[Number(member)];
  return isObject(value) ? value[member] : undefined;
}

function certificateIn(encoded: unknown): readonly Buffer[] {
  if (typeof encoded !== "string") return [];
  try {
    return [new X509Certificate(Buffer.from(encoded, "base64")).raw];
  } catch {
    return [];
  }
}
