import { describe, expect, it } from "vitest";
import { bundleMediaType, inTotoMediaType } from "../../job/attestation/envelope.ts";
import { predicateType } from "../../job/attestation/statement.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { blobBytes } from "../emulator/blob.ts";
import type { Repository } from "../emulator/repository.ts";
import { referrer } from "../fixtures/attachments.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { devHost, prodAccount, prodHost, twoAccounts } from "../scenarios/two-accounts.ts";
import { keyPair } from "./keys.ts";

const pair = keyPair();
const files = { "cosign.key": pair.privatePem, "other.key": keyPair().privatePem };
const attested = ["--attest", "--attest-key", "cosign.key"];
const app = `${prodHost}/team/app:1`;

describe("an attested promotion", () => {
  it("states what, from where, to where, by whom and for what", async () => {
    await using world = await twoAccounts();
    const [old, fixture] = [image({ seed: 2 }), image()];
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    placeImage(world.prod("team/app"), old, { tags: ["1"] });
    const env = { ARGOCD_APP_NAME: "shop", ARGOCD_APP_REVISION: "4f2a", AWS_ROLE_ARN: world.role.arn };
    const { report, stderr } = await world.promote([app, "--attest"], { env });
    expect(report.images, stderr).toMatchObject([{ status: "copied" }]);
    const [found] = statementsOf(world.prod("team/app"));
    expect(found?.manifest).toMatchObject({
      mediaType: mediaTypes.ociManifest,
      artifactType: inTotoMediaType,
      config: { mediaType: mediaTypes.empty, size: 2 },
      layers: [{ mediaType: inTotoMediaType, annotations: { "in-toto.io/predicate-type": predicateType } }],
      subject: {
        digest: rootDigest(fixture),
        mediaType: fixture.descriptor.mediaType,
        size: fixture.descriptor.size,
      },
      annotations: { "in-toto.io/predicate-type": predicateType },
    });
    expect(found?.digest).toBe(report.images[0]?.attestation);
    expect(found?.content).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: `${prodHost}/team/app`, digest: { sha256: rootDigest(fixture).slice(7) } }],
      predicateType,
      predicate: {
        promotedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        source: { reference: `${devHost}/team/app:1`, digest: rootDigest(fixture) },
        destination: { reference: app, previousDigest: rootDigest(old) },
        promoter: { version: expect.any(String), identity: { roleArn: world.role.arn } },
        application: { name: "shop", revision: "4f2a" },
        gates: [],
      },
    });
  });

  it("names the configured promoter and the role of the destination, without its external id", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const pusher = world.emulator
      .account(prodAccount)
      .createRole(
        "pusher",
        [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ecr:*", Resource: "*" }] }],
        {
          trustPolicy: {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { AWS: world.role.arn }, Action: "sts:AssumeRole" }],
          },
        },
      );
    world.allow("sts:AssumeRole");
    const config = `apiVersion: image-promoter/v1
kind: Promoter
attestation: {enabled: true, identity: release automation}
registries:
  - {host: ${prodHost}, roleArn: "${pusher.arn}", externalId: production-42}
`;
    const prod = world.prod("team/app");
    const given = { files: { "promoter.yaml": config }, env: { AWS_ROLE_ARN: "arn:aws:iam::1:role/other" } };
    const { report } = await world.promote([app, "--config", "promoter.yaml"], given);
    expect(report.images).toMatchObject([{ status: "copied", attestation: expect.any(String) }]);
    expect(statementsOf(prod)[0]?.content.predicate.promoter.identity).toEqual({
      name: "release automation",
      roleArn: pusher.arn,
    });
  });

  it.each([
    ["with a tag", app],
    ["by digest alone", `${prodHost}/team/app@${rootDigest(image())}`],
  ])("of an image %s is stated before the image can be seen", async (_what, name) => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    const { report } = await world.promote([name, ...attested], { files });
    expect(report.images).toMatchObject([{ status: "copied", attestation: expect.any(String) }]);
    const puts = world.emulator.requests.filter(
      ({ method, path }) => method === "PUT" && path.includes("/manifests/"),
    );
    const statement = puts.findIndex(({ path }) => path.endsWith(report.images[0]?.attestation ?? "none"));
    const visible = puts.findIndex(({ path }) =>
      path.endsWith(name.includes("@") ? rootDigest(image()) : "/1"),
    );
    expect(statement).toBeGreaterThanOrEqual(0);
    expect(visible).toBe(puts.length - 1);
    expect(statement).toBeLessThan(visible);
  });

  it("of an image that is only put under another tag is stated, too, and one that is there already is not", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1", "2"] });
    placeImage(world.prod("team/app"), image(), { tags: ["2"] });
    const { report } = await world.promote([app, `${prodHost}/team/app:2`, ...attested], { files });
    expect(report.images).toMatchObject([
      { status: "retagged", attestation: expect.any(String) },
      { status: "up-to-date" },
    ]);
    expect(report.images[1]?.attestation).toBeUndefined();
    expect(statementsOf(world.prod("team/app"))).toHaveLength(1);
  });

  it("is not stated without --attest", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const { report } = await world.promote([app]);
    expect(report.images).toMatchObject([{ status: "failed" }]);
    world.prod("team/app");
    expect((await world.promote([app])).report.images[0]).not.toHaveProperty("attestation");
    expect(statementsOf(world.prod("team/app"))).toEqual([]);
  });

  it("takes the manifests and the requests that the plan says", async () => {
    await using world = await twoAccounts();
    const names = ["team/app", "team/other"];
    for (const [seed, name] of names.entries()) {
      const fixture = image({ seed: seed + 1, layers: [1_000, 2_000] });
      placeImage(world.dev(name), fixture, { tags: ["1"] });
      if (seed === 0) placeImage(world.dev(name), referrer(fixture));
      world.prod(name);
    }
    const images = names.map((name) => `${prodHost}/${name}:1`);
    const planned = await world.run(["plan", ...images, ...attested, "-o", "json"], { files });
    const { estimate, summary } = JSON.parse(planned.stdout);
    world.emulator.clearRequests();
    const { report } = await world.promote([...images, ...attested], { files });
    const sent = world.emulator.requests.filter(({ path }) => path.startsWith("/v2/"));
    const puts = sent.filter(({ method, path }) => method === "PUT" && path.includes("/manifests/"));
    expect(estimate.manifestWrites).toBe(puts.length);
    expect(estimate.requests).toBeLessThanOrEqual(sent.length);
    expect(estimate.requests).toBeGreaterThan(sent.length * 0.85);
    expect(summary.bytesCopied).toBe(report.summary.bytesCopied);
  });
});

describe("a statement that cannot be attached", () => {
  it.each([
    ["refused", 405, "UNSUPPORTED"],
    ["denied", 403, "DENIED"],
  ] as const)("because it is %s fails the image before its tag is put", async (_what, status, said) => {
    await using world = await twoAccounts();
    const old = image({ seed: 2 });
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    placeImage(prod, old, { tags: ["1"] });
    // The root is put first, the statement second.
    const body = { errors: [{ code: said }] };
    const fault = world.emulator.faults.add(
      { method: "PUT", path: /\/manifests\//, nth: 2 },
      { do: "status", status, body },
    );
    const done = await world.promote([app, ...attested], { files });
    expect(done.code, done.stderr).toBe(4);
    expect(done.report.images).toMatchObject([
      { status: "failed", error: { code: "AttestationFailed", temporary: false, hint: expect.any(String) } },
    ]);
    expect(prod.imageTags.get("1")).toBe(rootDigest(old));
    fault.remove();
    const { report } = await world.promote([app, ...attested], { files });
    expect(report.images).toMatchObject([{ status: "retagged", attestation: expect.any(String) }]);
    expect(prod.imageTags.get("1")).toBe(rootDigest(image()));
    expect(statementsOf(prod)).toHaveLength(1);
  });

  it("because the list of referrers must not change says what to do", async () => {
    await using world = await twoAccounts({ referrersApi: false });
    const fixture = image();
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    const prod = world.prod("team/app", { imageTagMutability: "IMMUTABLE" });
    const first = await world.promote([app, "--attest"]);
    expect(first.report.images).toMatchObject([{ status: "copied" }]);
    placeImage(world.dev("team/app"), fixture, { tags: ["2"] });
    const { report } = await world.promote([`${prodHost}/team/app:2`, "--attest"]);
    expect(report.images).toMatchObject([
      {
        status: "failed",
        error: { code: "AttestationFailed", hint: expect.stringContaining("Exclude sha256-*") },
      },
    ]);
    expect(prod.imageTags.has("2")).toBe(false);
  });

  it.each([
    ["no referrers", ["--attest", "--referrers", "none"], "Usage"],
    ["a key without --attest", ["--attest-key", "cosign.key"], "Usage"],
    ["a key that is not there", ["--attest", "--attest-key", "none.key"], "InvalidConfiguration"],
    ["a key that is none", ["--attest", "--attest-key", "broken.key"], "InvalidConfiguration"],
  ])("because of %s stops everything", async (_what, args, code) => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const run = await world.run(["promote", app, ...args], { files: { ...files, "broken.key": "x" } });
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(`[${code}]`) });
    expect(world.prod("team/app").manifests.size).toBe(0);
  });
});

describe("a run that was interrupted between statement and tag", () => {
  /** Ends when the tag is to be put. */
  async function interrupted(args: readonly string[]) {
    const world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    const fault = world.emulator.faults.add(
      { method: "PUT", path: /\/manifests\/1$/ },
      { do: "status", status: 403, body: { errors: [{ code: "DENIED" }] } },
    );
    const { report } = await world.promote([app, ...args], { files });
    expect(report.images).toMatchObject([{ status: "failed", error: { code: "Denied" } }]);
    expect(statementsOf(prod)).toHaveLength(1);
    expect(prod.imageTags.has("1")).toBe(false);
    fault.remove();
    return { world, prod };
  }

  it.each([
    ["unsigned", ["--attest"]],
    ["signed", attested],
  ])("goes on with the %s statement that is there", async (_what, args) => {
    const { world, prod } = await interrupted(args);
    await using _ = world;
    const { report } = await world.promote([app, ...args], { files });
    expect(report.images).toMatchObject([{ status: "retagged" }]);
    const statements = statementsOf(prod);
    expect(statements.map(({ digest }) => digest)).toEqual([report.images[0]?.attestation]);
  });

  it.each([
    ["nobody has signed", ["--attest"]],
    ["another key has signed", ["--attest", "--attest-key", "other.key"]],
  ])("takes no statement for its own that %s", async (_what, args) => {
    const { world, prod } = await interrupted(args);
    await using _ = world;
    expect((await world.promote([app, ...attested], { files })).report.images).toMatchObject([
      { status: "retagged" },
    ]);
    expect(statementsOf(prod)).toHaveLength(2);
  });

  it("states a promotion for another revision anew", async () => {
    const { world, prod } = await interrupted(attested);
    await using _ = world;
    await world.promote([app, ...attested], {
      files,
      env: { ARGOCD_APP_NAME: "shop", ARGOCD_APP_REVISION: "2" },
    });
    expect(statementsOf(prod)).toHaveLength(2);
  });
});

/** What is attached to whatever is in the repository and states a promotion. */
function statementsOf(repository: Repository) {
  return [...repository.manifests.values()].flatMap(({ digest, bytes }) => {
    const manifest = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (![bundleMediaType, inTotoMediaType].includes(manifest.artifactType)) return [];
    const stored = repository.blobs.get(manifest.layers[0].digest);
    const content = stored === undefined ? undefined : JSON.parse(blobBytes(stored).toString("utf8"));
    return [{ digest, manifest, content }];
  });
}
