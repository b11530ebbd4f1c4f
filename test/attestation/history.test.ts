import { describe, expect, it } from "vitest";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { type CommandRun, runCommand } from "../scenarios/command-run.ts";
import { describeWithTool } from "../tool.ts";
import { keyPair } from "./keys.ts";
import {
  distributionEnvironments,
  emulatedEnvironments,
  type ThreeEnvironments,
} from "./three-environments.ts";

const pair = keyPair();
const files = {
  "cosign.key": pair.privatePem,
  "cosign.pub": pair.publicPem,
  "other.pub": keyPair().publicPem,
};
const signed = ["--attest-key", "cosign.key"];
const syncing = (revision: string) => ({ ARGOCD_APP_NAME: "shop", ARGOCD_APP_REVISION: revision });

/** From development to staging to production, as two syncs do it. */
async function promoteTwice(world: ThreeEnvironments): Promise<string> {
  const fixture = image({ layers: [2_000] });
  await world.push(world.dev, "shop/app", fixture, ["1"]);
  const { dev, staging, prod } = world;
  for (const [from, to, revision] of [
    [dev, staging, "aaaa"],
    [staging, prod, "bbbb"],
  ] as const) {
    const env = syncing(revision);
    const run = await world.promote(from, to, [`${to}/shop/app:1`, ...signed], { files, env });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(run.stdout).images).toMatchObject([
      { status: "copied", attestation: expect.stringMatching(/^sha256:/), referrers: to === prod ? 1 : 0 },
    ]);
  }
  return rootDigest(fixture);
}

function chainHolds(open: () => Promise<ThreeEnvironments>): void {
  it("accumulates from environment to environment, and is read back in its order", async () => {
    await using world = await open();
    const digest = await promoteTwice(world);
    const name = `${world.prod}/shop/app:1`;
    const run = await history([name, "--key", "other.pub", "--key", "cosign.pub", "-o", "json"]);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const step = (from: string, to: string, revision: string) => ({
      standing: "verified",
      source: { reference: `${from}/shop/app:1`, digest },
      destination: { reference: `${to}/shop/app:1` },
      application: { name: "shop", revision },
    });
    expect(JSON.parse(run.stdout)).toMatchObject({
      apiVersion: "image-promoter/v1",
      kind: "PromotionHistory",
      images: [
        {
          image: name,
          digest,
          promotions: [step(world.dev, world.staging, "aaaa"), step(world.staging, world.prod, "bbbb")],
        },
      ],
    });
    // What is at a destination already is not attested again.
    const again = await world.promote(world.staging, world.prod, [name, ...signed], { files });
    expect(JSON.parse(again.stdout).images).toMatchObject([{ status: "up-to-date" }]);
    expect(standings(await history([`${world.staging}/shop/app:1`, "-o", "json"]))).toEqual(["unverified"]);
  });
}

describe("the chain of an image's promotions", () => {
  describe("at registries with the referrers API", () => chainHolds(emulatedEnvironments));
  describe("at registries without it", () => chainHolds(() => emulatedEnvironments({ referrersApi: false })));
  describeWithTool("docker-registry", () => chainHolds(distributionEnvironments));
});

describe("history", () => {
  it.each([
    ["no key", [], 0, ["unverified", "unverified"]],
    ["the key", ["--key", "cosign.pub"], 0, ["verified", "verified"]],
    ["another key", ["--key", "other.pub"], 4, ["unverified", "unverified"]],
  ] as const)("judges statements by %s", async (_what, args, code, expected) => {
    await using world = await emulatedEnvironments();
    await promoteTwice(world);
    const run = await history([`${world.prod}/shop/app:1`, "-o", "json", ...args]);
    expect(standings(run)).toEqual(expected);
    expect(run.code).toBe(code);
  });

  it("asks more of statements than none, when it is given a key", async () => {
    await using world = await emulatedEnvironments();
    await world.push(world.dev, "app", image(), ["1"]);
    const name = `${world.dev}/app:1`;
    expect(await history([name])).toMatchObject({ code: 0, stdout: expect.stringContaining("no promotion") });
    expect(await history([name, "--key", "cosign.pub"])).toMatchObject({ code: 4 });
    await world.promote(world.dev, world.prod, [`${world.prod}/app:1`]);
    const unsigned = await history([`${world.prod}/app:1`, "-o", "json"]);
    expect([standings(unsigned), unsigned.code]).toEqual([["unsigned"], 0]);
    expect(await history([`${world.prod}/app:1`, "--key", "cosign.pub"])).toMatchObject({ code: 4 });
  });

  it.each(["text", "yaml", "markdown"])("speaks %s", async (format) => {
    await using world = await emulatedEnvironments();
    await promoteTwice(world);
    const { stdout, code } = await history([`${world.prod}/shop/app:1`, "-o", format]);
    expect(code).toBe(0);
    const order = [`${world.dev}/shop/app:1`, "aaaa", "bbbb"].map((text) => stdout.indexOf(text));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
    expect(stdout).toContain("unverified");
  });

  it.each([
    ["an image that is not there", ["127.0.0.1:1/app@sha256:0"], 2],
    ["no image", [], 2],
    ["a key that is not there", ["127.0.0.1:1/app:1", "--key", "none.pub"], 2],
    ["a private key", ["127.0.0.1:1/app:1", "--key", "cosign.key"], 2],
    ["a key of KMS without its ARN", ["127.0.0.1:1/app:1", "--key", "awskms:///alias/x"], 2],
  ] as const)("refuses %s", async (_what, args, code) => {
    expect(await history(args)).toMatchObject({ code });
  });

  it("says that an image is not there", async () => {
    await using world = await emulatedEnvironments();
    await world.push(world.dev, "app", image(), ["1"]);
    const run = await history([`${world.dev}/app:2`]);
    expect(run).toMatchObject({ code: 4, stderr: expect.stringContaining("There is no image") });
  });

  it("opens no key that signs, and no gate", async () => {
    await using world = await emulatedEnvironments();
    await world.push(world.dev, "app", image(), ["1"]);
    const env = { PROMOTER_ATTEST: "true", PROMOTER_ATTEST_KEY: "none.key", PROMOTER_REFERRERS: "none" };
    expect(await history([`${world.dev}/app:1`], env)).toMatchObject({ code: 0 });
  });
});

it("a promotion leaves the statement in the referrers tag where there is no referrers API", async () => {
  await using world = await emulatedEnvironments({ referrersApi: false });
  const fixture = image();
  await world.push(world.dev, "app", fixture, ["1"]);
  await world.promote(world.dev, world.prod, [`${world.prod}/app:1`, ...signed], { files });
  const tag = referrersTag(fixture.descriptor.digest);
  const answer = await fetch(`http://${world.prod}/v2/app/manifests/${tag}`);
  expect(await answer.json()).toMatchObject({
    manifests: [
      {
        artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        annotations: {
          "dev.sigstore.bundle.content": "dsse-envelope",
          "dev.sigstore.bundle.predicateType": "urn:argocd-image-promoter:promotion:v1",
          "org.opencontainers.image.created": expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        },
      },
    ],
  });
});

function history(args: readonly string[], env: Record<string, string> = {}): Promise<CommandRun> {
  return runCommand(["history", ...args], { files, env });
}

function standings({ stdout }: CommandRun): string[] {
  const { images } = JSON.parse(stdout) as { images: { promotions: { standing: string }[] }[] };
  return images.flatMap(({ promotions }) => promotions.map(({ standing }) => standing));
}
