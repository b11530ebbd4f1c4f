import { generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { readPublicKey } from "../../../job/gates/signature/public-key.ts";
import { p256, pemOf } from "../signing.ts";

const secret = p256().privateKey.export({ format: "pem", type: "pkcs8" }).toString();

it.each<[string, string, RegExp]>([
  ["a private key", secret, /it is a private key/],
  ["a private key beside a public one", `${pemOf(p256())}\n${secret}`, /it is a private key/],
  [
    "an encrypted key of cosign",
    "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nZg==\n",
    /it is a private key/,
  ],
  ["no PEM", "cosign.pub", /no public key in PEM/],
  ["a certificate", "-----BEGIN CERTIFICATE-----\nZg==\n-----END CERTIFICATE-----\n", /no public key in PEM/],
  ["broken PEM", "-----BEGIN PUBLIC KEY-----\nZg==\n-----END PUBLIC KEY-----\n", /cannot be read/],
  [
    "a short RSA key",
    pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 })),
    /1024 bits, fewer than 2048/,
  ],
  [
    "an exotic curve",
    pemOf(generateKeyPairSync("ec", { namedCurve: "secp256k1" })),
    /secp256k1 signs no images/,
  ],
  ["a key that cannot sign", pemOf(generateKeyPairSync("x25519")), /type x25519/],
])("refuses %s", (_name, pem, message) => {
  expect(() => readPublicKey({ name: "cosign.pub", pem })).toThrow(
    expect.objectContaining({
      code: "InvalidConfiguration",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("cosign public-key"),
    }),
  );
});

it("never says what is in a private key", () => {
  let said = "";
  try {
    readPublicKey({ name: "cosign.pub", pem: secret });
  } catch (error) {
    said = `${error} ${JSON.stringify(error)}`;
  }
  expect(said).toContain("private key");
  expect(said).not.toContain(secret.split("\n")[1]);
});
