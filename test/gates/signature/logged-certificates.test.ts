import { X509Certificate } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { loggedCertificates } from "../../../job/gates/signature/logged-certificates.ts";
import { Sigstore } from "../sigstore.ts";

let pem: string;
beforeAll(async () => {
  const annotations = await (await Sigstore.open()).annotations("payload");
  pem = annotations["dev.sigstore.cosign/certificate"] ?? "";
});

const kinds: readonly [name: string, entry: (pem: string, der: string) => object][] = [
  ["hashedrekord 0.0.1", (text) => ({ signature: { publicKey: { content: text } } })],
  ["dsse 0.0.1", (text) => ({ signatures: [{ verifier: text }] })],
  ["intoto 0.0.2", (text) => ({ content: { envelope: { signatures: [{ publicKey: text }] } } })],
  ["intoto 0.0.1", (text) => ({ publicKey: text })],
  [
    "hashedrekord 0.0.2",
    (_, der) => ({ hashedRekordV002: { signature: { verifier: { x509Certificate: { rawBytes: der } } } } }),
  ],
  [
    "dsse 0.0.2",
    (_, der) => ({ dsseV002: { signatures: [{ verifier: { x509Certificate: { rawBytes: der } } }] } }),
  ],
];

it.each(kinds)("finds the certificate in an entry of the kind %s", (_name, entry) => {
  const { raw } = new X509Certificate(pem);
  const spec = entry(Buffer.from(pem).toString("base64"), raw.toString("base64"));
  expect(loggedCertificates(Buffer.from(JSON.stringify({ spec })))).toEqual([raw]);
});

it.each([
  ["no JSON", "{"],
  ["nothing", "null"],
  ["a list", "[]"],
  ["a public key", JSON.stringify({ spec: { publicKey: "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K" } })],
  ["a number", JSON.stringify({ spec: { signatures: [{ verifier: 1 }] } })],
])("finds none in %s", (_name, body) => {
  expect(loggedCertificates(Buffer.from(body))).toEqual([]);
});
