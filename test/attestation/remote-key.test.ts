import { createHash, createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { remoteSigningKey } from "../../job/attestation/remote-key.ts";
import { isSignedBy } from "../../job/attestation/signing-key.ts";
import { kmsError } from "../../job/ecr/kms-error.ts";
import { openKmsKey } from "../../job/ecr/kms-key.ts";
import { image } from "../fixtures/image-fixture.ts";
import { type Moto, startMoto } from "../integration/moto.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { describeWithTool } from "../tool.ts";
import { emulatedEnvironments } from "./three-environments.ts";

const region = "eu-west-1";
const arn = `arn:aws:kms:${region}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const options = { clock: systemClock, userAgent: "test", answerTimeoutMs: 20_000 };
const message = Buffer.from("a statement");

describeWithTool("moto_server", () => {
  let moto: Moto;
  let env: Record<string, string>;
  beforeAll(async () => {
    moto = await startMoto();
    env = {
      AWS_ENDPOINT_URL_KMS: moto.url,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
    };
  });
  afterAll(() => moto[Symbol.asyncDispose]());

  async function createKey(
    KeySpec: "ECC_NIST_P256" | "RSA_2048" | "ECC_NIST_P384",
    KeyUsage = "SIGN_VERIFY",
  ) {
    const { CreateKeyCommand, KMSClient } = await import("@aws-sdk/client-kms");
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    const client = new KMSClient({ region, endpoint: moto.url, credentials });
    const { KeyMetadata } = await client.send(
      new CreateKeyCommand({
        KeySpec,
        KeyUsage: KeyUsage === "SIGN_VERIFY" ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT",
      }),
    );
    client.destroy();
    return `awskms:///${KeyMetadata?.Arn}`;
  }

  describe("a key of KMS", () => {
    it.each(["ECC_NIST_P256", "RSA_2048"] as const)("of the kind %s signs", async (spec) => {
      const key = remoteSigningKey(openKmsKey(await createKey(spec), { ...options, env }));
      const signature = await key.sign(message);
      const publicKey = await key.publicKey();
      expect(isSignedBy(publicKey, message, signature)).toBe(true);
      expect(verify("sha256", message, publicKey, signature)).toBe(true);
      expect(isSignedBy(publicKey, Buffer.from("another"), signature)).toBe(false);
    });

    it("signs long messages by their digest", async () => {
      const key = openKmsKey(await createKey("ECC_NIST_P256"), { ...options, env });
      const long = Buffer.alloc(5000, "x");
      const signature = await key.sign(long, "ECDSA_SHA_256");
      const publicKey = createPublicKey({
        key: Buffer.from(await key.publicKey()),
        format: "der",
        type: "spki",
      });
      // moto takes a digest for the message itself, which shows that it was sent one.
      expect(verify("sha256", createHash("sha256").update(long).digest(), publicKey, signature)).toBe(true);
      await expect(remoteSigningKey(key).sign(long)).rejects.toMatchObject({ code: "InvalidResponse" });
    });

    it("that is not there, or of another kind, is refused", async () => {
      const missing = remoteSigningKey(openKmsKey(`awskms:///${arn}`, { ...options, env }));
      await expect(missing.sign(message)).rejects.toMatchObject({
        code: "InvalidConfiguration",
        request: "kms:GetPublicKey",
        temporary: false,
      });
      const large = remoteSigningKey(openKmsKey(await createKey("ECC_NIST_P384"), { ...options, env }));
      await expect(large.sign(message)).rejects.toMatchObject({ code: "InvalidConfiguration" });
    });

    it("attests a promotion, and verifies its history", async () => {
      await using world = await emulatedEnvironments();
      const key = await createKey("ECC_NIST_P256");
      await world.push(world.dev, "app", image(), ["1"]);
      const name = `${world.prod}/app:1`;
      const run = await world.promote(world.dev, world.prod, [name, "--attest-key", key], { env });
      expect(run, run.stderr).toMatchObject({ code: 0 });
      const told = await runCommand(["history", name, "--key", key, "-o", "json"], { env });
      expect(told, told.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(told.stdout).images[0].promotions).toMatchObject([{ standing: "verified" }]);
    });

    it("that does not answer fails the image before its tag is put", async () => {
      await using world = await emulatedEnvironments();
      await world.push(world.dev, "app", image(), ["1"]);
      const args = [`${world.prod}/app:1`, "--attest-key", `awskms:///${arn}`];
      const run = await world.promote(world.dev, world.prod, args, { env });
      expect(JSON.parse(run.stdout).images).toMatchObject([
        { status: "failed", error: { code: "AttestationFailed", temporary: false } },
      ]);
      expect(world.emulator?.repository("333333333333", region, "app").imageTags.size).toBe(0);
    });
  });
});

describe("the address of a key of KMS", () => {
  it.each([
    "awskms:///alias/promotions",
    "awskms:///1234abcd-12ab-34cd-56ef-1234567890ab",
    "awskms://localhost:4566/1234",
    `awskms:///${arn}?x`,
    "awskms:///arn:aws:s3:::bucket",
    "gcpkms://projects/x",
  ])("is not %s", (address) => {
    expect(() => openKmsKey(address, { ...options, env: {} })).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration" }),
    );
  });

  it.each([
    arn,
    `arn:aws:kms:${region}:123456789012:alias/promotions/all`,
    `arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1234`,
  ])("is %s", (name) => expect(openKmsKey(`awskms:///${name}`, { ...options, env: {} })).toBeDefined());
});

describe("what KMS says", () => {
  it.each([
    ["AccessDeniedException", 400, "Denied", false],
    ["NotFoundException", 400, "InvalidConfiguration", false],
    ["DisabledException", 400, "InvalidConfiguration", false],
    ["KMSInvalidStateException", 400, "InvalidConfiguration", false],
    ["InvalidKeyUsageException", 400, "InvalidConfiguration", false],
    ["ThrottlingException", 400, "Unavailable", true],
    ["KeyUnavailableException", 500, "Unavailable", true],
    ["DependencyTimeoutException", 500, "Unavailable", true],
    ["SomethingNew", 500, "Unavailable", true],
    ["SomethingNew", 400, "Unsupported", false],
    ["ExpiredTokenException", 400, "CredentialsUnavailable", true],
    ["InvalidSignatureException", 400, "CredentialsUnavailable", false],
    ["Error", undefined, "Network", true],
  ] as const)("as %s (%s) is %s", (name, httpStatusCode, code, temporary) => {
    const error = Object.assign(new Error("signed-secret"), { $metadata: { httpStatusCode } });
    error.name = name;
    const told = kmsError(error, { operation: "Sign", arn, region });
    expect(told).toMatchObject({ code, temporary, request: "kms:Sign", hint: expect.any(String) });
    expect(told.message.includes("signed-secret")).toBe(code !== "CredentialsUnavailable");
  });
});
