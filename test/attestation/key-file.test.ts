import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readPrivateKey, readPublicKey } from "../../job/attestation/key-file.ts";
import { isSignedBy, keyHint } from "../../job/attestation/signing-key.ts";
import { PromoterError } from "../../job/error.ts";
import { keyKinds, keyPair } from "./keys.ts";

/** In the form of `cosign generate-key-pair`, for these tests alone. */
const cosignKey = `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiIvZlF1QnJKbEpiT1dSbjBpODFtYStFQmJoYXBITW9H
R0lPZ0JpVVFvc2I0PSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJocitDTVlIVUhRN05oNVNMK2N2dGlWQXZtaEtxdFkwSSJ9LCJj
aXBoZXJ0ZXh0IjoiOUZGWTFaWjFkWENDMUNPMTA1RzhZUjdxeTFkaUxMZ0tWeU1D
b0tFOTNISHhOVGZGeGZ1NnRJVSt3bjRFVlFsYUd5MG1QQ3BmMUlxOHpYWEtBK0U3
Z2xwck41VVFWV2Y3ZDI2ZGxTMHcvM3A5d1lrK1lQN0VobHVhVUhwOXhMeXhDc0tO
MlgrSG9HLytaY3FUK2luS0w3c0NUVnptUC8yWUtqRGVlWjErZm9yRm5adi9LVHAx
TXB5TmJWK2VZWTRrd3liRDF2cGQyT3poNUE9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----`;
const cosignPublicKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4j2EIyHCmnBuX3l3TLZWWo1WOCIi
C1yTZ08NLlaD1UE5q6Wm6vcftDMH98agTBdJ6iTLDB1w4Us4RdYKAxuELw==
-----END PUBLIC KEY-----`;
const password = "correct horse";
const message = Buffer.from("a statement");

describe("a private key", () => {
  it("is read as cosign writes it", async () => {
    const key = readPrivateKey(cosignKey, password);
    const publicKey = readPublicKey(cosignPublicKey);
    expect(keyHint(await key.publicKey())).toBe(keyHint(publicKey));
    expect(isSignedBy(publicKey, message, await key.sign(message))).toBe(true);
    expect(isSignedBy(publicKey, Buffer.from("another"), await key.sign(message))).toBe(false);
  });

  it.each(Object.keys(keyKinds) as (keyof typeof keyKinds)[])("of the kind %s signs", async (kind) => {
    const { privateKey, publicKey, privatePem } = keyPair(kind);
    const encrypted = privateKey.export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: password,
    });
    for (const [pem, secret] of [
      [privatePem, undefined],
      [String(encrypted), password],
    ] as const) {
      const signature = await readPrivateKey(pem, secret).sign(message);
      expect(isSignedBy(publicKey, message, signature)).toBe(true);
      expect(isSignedBy(keyPair(kind).publicKey, message, signature)).toBe(false);
    }
  });

  it.each([
    ["cosign's, with a wrong password", cosignKey, "wrong", /password is wrong/],
    ["cosign's, without its password", cosignKey, undefined, /password is wrong/],
    ["cosign's, with nothing in it", cosign("{}"), "", /a part is missing/],
    ["cosign's, which is no JSON", cosign("key"), "", /no JSON/],
    [
      "cosign's, of an unknown cipher",
      altered((file) => ({ ...file, cipher: { ...file.cipher, name: "aes" } })),
      "",
      /not cosign's/,
    ],
    [
      "cosign's, which would take all memory",
      altered((file) => ({ ...file, kdf: { ...file.kdf, params: { N: 2 ** 30, r: 8, p: 1 } } })),
      "",
      /not cosign's/,
    ],
    [
      "cosign's, with impossible parameters",
      altered((file) => ({ ...file, kdf: { ...file.kdf, params: { N: 3, r: 8, p: 1 } } })),
      "",
      /parameters are invalid/,
    ],
    ["encrypted, with a wrong password", encrypted(), "wrong", /Cannot read the key/],
    ["encrypted, without its password", encrypted(), undefined, /Cannot read the key/],
    ["no PEM", "secret-bytes", undefined, /Cannot read the key/],
    ["a public key", keyPair().publicPem, undefined, /Cannot read the key/],
    [
      "of a curve that verifiers disagree about",
      other("ec", { namedCurve: "P-384" }),
      undefined,
      /secp384r1/,
    ],
    ["too short", other("rsa", { modulusLength: 1024 }), undefined, /rsa 1024/],
    ["not for signing", other("x25519"), undefined, /x25519/],
  ])("that is %s is refused, and not shown", (_what, pem, secret, reason) => {
    const error = thrownBy(() => readPrivateKey(pem, secret));
    expect(error).toMatchObject({ code: "InvalidConfiguration", temporary: false, hint: expect.any(String) });
    expect(error?.message).toMatch(reason);
    const told = `${error?.message} ${error?.hint} ${error?.cause}`;
    for (const line of pem.split("\n").filter((text) => text.length > 20 && !text.startsWith("-----"))) {
      expect(told).not.toContain(line);
    }
  });
});

describe("a public key", () => {
  it.each([
    ["a private key", keyPair().privatePem],
    ["cosign's private key", cosignKey],
    ["nothing", ""],
    ["a broken key", "-----BEGIN PUBLIC KEY-----\nMFk\n-----END PUBLIC KEY-----\n"],
  ])("is not %s", (_what, pem) => {
    expect(thrownBy(() => readPublicKey(pem))).toMatchObject({ code: "InvalidConfiguration" });
  });
});

interface CosignFile {
  readonly kdf: object;
  readonly cipher: object;
}

function altered(change: (file: CosignFile) => object): string {
  const body = cosignKey.split("\n").slice(1, -1).join("");
  const file: CosignFile = JSON.parse(Buffer.from(body, "base64").toString("utf8"));
  return cosign(JSON.stringify(change(file)));
}

function cosign(body: string): string {
  const text = Buffer.from(body).toString("base64");
  return `-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n${text}\n-----END ENCRYPTED COSIGN PRIVATE KEY-----\n`;
}

function encrypted(): string {
  const { privateKey } = keyPair();
  return String(
    privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: password }),
  );
}

function other(...args: readonly [kind: "ec" | "rsa" | "x25519", options?: object]): string {
  // The overloads know each kind by itself only.
  const generate = generateKeyPairSync as (kind: string, options?: object) => { privateKey: KeyObject };
  return String(generate(...args).privateKey.export({ type: "pkcs8", format: "pem" }));
}

function thrownBy(work: () => unknown): PromoterError | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof PromoterError) return error;
    throw error;
  }
  return undefined;
}
