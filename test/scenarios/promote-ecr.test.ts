import { describe, expect, it } from "vitest";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { version } from "../../job/version.ts";
import { artifact, referrer, signature, withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import { prodHost, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

const app = `${prodHost}/team/app:1`;

/** Every manifest and blob of the fixture is at the destination, byte for byte. */
function expectWhole(world: TwoAccounts, fixture: ImageFixture, repository = "team/app"): void {
  const there = world.prod(repository);
  for (const { descriptor, bytes } of fixture.manifests) {
    expect(Buffer.from(there.manifests.get(descriptor.digest)?.bytes ?? []).equals(bytes)).toBe(true);
  }
  for (const { digest } of fixture.blobs) expect(there.blobs.has(digest)).toBe(true);
}

function writes({ emulator }: TwoAccounts): number {
  return emulator.requests.filter(({ method, path }) => method !== "GET" && method !== "HEAD" && path !== "/")
    .length;
}

describe("what is promoted, digest for digest", () => {
  const shapes: ReadonlyArray<[string, ImageFixture]> = [
    ["an image", image()],
    ["a Docker schema 2 image", image({ family: "docker" })],
    ["an image with an empty layer twice", image({ layers: [0, 0, 10] })],
    ["an index of two platforms", multiPlatform()],
    ["a Docker manifest list", multiPlatform({ family: "docker" })],
    ["thirty platforms", multiPlatform({ count: 30 })],
    ["an index with BuildKit's attestations", withAttestations([image({ seed: 1 }), image({ seed: 2 })])],
    ["an index in an index", index([multiPlatform({ seed: 3 }), image({ seed: 9 })])],
    ["an empty index", index([])],
    ["an artifact", artifact()],
  ];

  it.each(shapes)("%s", async (_, fixture) => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    world.prod("team/app");
    const { code, report } = await world.promote([app]);
    expect(report.images[0]?.error).toBeUndefined();
    expect(report.images).toMatchObject([{ status: "copied", digest: rootDigest(fixture), warnings: [] }]);
    expect(code).toBe(0);
    expectWhole(world, fixture);
    expect(world.prod("team/app").imageTags.get("1")).toBe(rootDigest(fixture));
  });

  it("signatures, attestations and SBOMs, of the image and of its platforms", async () => {
    await using world = await twoAccounts();
    const fixture = multiPlatform();
    const member = image({ platform: { os: "linux", architecture: "amd64" }, seed: 100 });
    const sbom = referrer(fixture);
    const attached = [
      sbom,
      referrer(sbom, "application/vnd.example.signature"),
      referrer(member, "example/of-platform"),
    ];
    const cosign = signature(fixture);
    const dev = world.dev("team/app");
    for (const each of [fixture, ...attached]) placeImage(dev, each);
    placeImage(dev, cosign.fixture, { tags: [cosign.tag] });
    dev.imageTags.set("1", rootDigest(fixture));
    world.prod("team/app");
    const { report } = await world.promote([app]);
    expect(report.images).toMatchObject([{ status: "copied", referrers: 4, warnings: [] }]);
    for (const each of [fixture, cosign.fixture, ...attached]) expectWhole(world, each);
    expect(world.prod("team/app").imageTags.get(cosign.tag)).toBe(rootDigest(cosign.fixture));
  });

  it("referrers by the fallback tag where a registry has no referrers API", async () => {
    await using world = await twoAccounts({ referrersApi: false });
    const fixture = image();
    const sbom = referrer(fixture);
    const dev = world.dev("team/app");
    placeImage(dev, fixture, { tags: ["1"] });
    placeImage(dev, sbom);
    placeImage(dev, index([sbom]), { tags: [referrersTag(rootDigest(fixture))] });
    world.prod("team/app");
    const { report } = await world.promote([app]);
    expect(report.images).toMatchObject([{ status: "copied", referrers: 1, warnings: [] }]);
    const tagged = world.prod("team/app").imageTags.get(referrersTag(rootDigest(fixture)));
    const list = JSON.parse(
      Buffer.from(world.prod("team/app").manifests.get(tagged ?? "sha256:")?.bytes ?? []).toString(),
    );
    expect(list.manifests).toMatchObject([
      { digest: rootDigest(sbom), artifactType: "application/spdx+json" },
    ]);
  });

  it.each([
    {
      referrers: "all",
      code: 0,
      image: { status: "copied", warnings: [expect.stringContaining("refused")] },
    },
    { referrers: "required", code: 4, image: { status: "failed", error: { code: "ReferrersIncomplete" } } },
  ])(
    "with --referrers $referrers, to a registry that refuses a subject",
    async ({ referrers, code, image: expected }) => {
      await using world = await twoAccounts({ subject405: true });
      const fixture = image();
      placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
      placeImage(world.dev("team/app"), referrer(fixture));
      world.prod("team/app");
      const run = await world.promote([app, "--referrers", referrers]);
      expect(run.report.images).toMatchObject([expected]);
      expect(run.code).toBe(code);
      expect(world.prod("team/app").imageTags.has("1")).toBe(code === 0);
    },
  );

  it("schema 1 is refused, and says what to do", async () => {
    await using world = await twoAccounts();
    const fixture = image();
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    const stored = world.dev("team/app").manifests.get(rootDigest(fixture));
    if (stored) {
      world.dev("team/app").manifests.set(stored.digest, {
        ...stored,
        mediaType: "application/vnd.docker.distribution.manifest.v1+prettyjws",
      });
    }
    world.prod("team/app");
    const { code, report } = await world.promote([app]);
    expect(code).toBe(4);
    expect(report.images).toMatchObject([{ status: "failed", error: { code: "UnsupportedManifest" } }]);
  });
});

describe("the plan's table on ECR", () => {
  const fixture = multiPlatform();

  it("costs two requests and a token when a tag is up to date, and one for a digest", async () => {
    await using world = await twoAccounts();
    for (const repository of [world.dev("team/app"), world.prod("team/app")])
      placeImage(repository, fixture, { tags: ["1"] });
    expect(await world.promote([app])).toMatchObject({ code: 0, report: { summary: { upToDate: 1 } } });
    expect(world.emulator.requests.map(({ method }) => method)).toEqual(["POST", "HEAD", "HEAD"]);
    for (const name of [`${prodHost}/team/app@${rootDigest(fixture)}`, `${app}@${rootDigest(fixture)}`]) {
      world.emulator.clearRequests();
      expect(await world.promote([name])).toMatchObject({ code: 0, report: { summary: { upToDate: 1 } } });
      expect(world.emulator.requests.map(({ method }) => method)).toEqual(["POST", "HEAD"]);
    }
  });

  it("introduces itself to the registry and to AWS's API", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    await world.promote([app]);
    const agents = world.emulator.requests.map(({ headers }) => headers["user-agent"] ?? "nobody");
    expect(agents.filter((agent) => !agent.includes(`argocd-image-promoter/${version}`))).toEqual([]);
  });

  it("succeeds again against an immutable repository", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    world.prod("team/app", { imageTagMutability: "IMMUTABLE" });
    expect(await world.promote([app])).toMatchObject({ code: 0, report: { summary: { copied: 1 } } });
    expect(await world.promote([app])).toMatchObject({ code: 0, report: { summary: { upToDate: 1 } } });
  });

  it.each([
    { why: "known by asking", actions: ["ecr:DescribeRepositories"], sent: 0 },
    { why: "learnt by the refusal", actions: [], sent: undefined },
  ])("fails on an immutable tag at another digest, $why", async ({ actions, sent }) => {
    await using world = await twoAccounts();
    if (actions.length > 0) world.allow(...actions);
    const before = image({ seed: 7 });
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    placeImage(world.prod("team/app", { imageTagMutability: "IMMUTABLE" }), before, { tags: ["1"] });
    const { code, report } = await world.promote([app]);
    expect(code).toBe(4);
    expect(report.images).toMatchObject([{ status: "failed", error: { code: "TagImmutable" } }]);
    expect(world.prod("team/app").imageTags.get("1")).toBe(rootDigest(before));
    if (sent !== undefined) expect(writes(world)).toBe(sent);
  });

  it("succeeds in three Jobs at once, which make immutable repositories and promote into them", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:CreateRepository", "ecr:DescribeRepositories");
    const names = ["one", "two"].map((name) => {
      placeImage(world.dev(name), fixture, { tags: ["1"] });
      return `${prodHost}/${name}:1`;
    });
    const configuration = `
      apiVersion: image-promoter/v1
      kind: Promoter
      copy: {createRepositories: {imageTagMutability: IMMUTABLE}}`;
    const files = { "promoter.yaml": configuration };
    const promote = () => world.promote([...names, "--config", "promoter.yaml"], { files });
    const runs = await Promise.all([promote(), promote(), promote()]);
    expect(runs).toMatchObject(runs.map(() => ({ code: 0, report: { summary: { images: 2, failed: 0 } } })));
    expect((await promote()).report.summary.upToDate).toBe(2);
  });

  it("moves a tag that the exclusions of an immutable repository leave free", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeRepositories");
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    const settings = {
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "1*" }],
    } as const;
    const before = placeImage(world.prod("team/app", settings), image({ seed: 7 }), { tags: ["1"] });
    const { report } = await world.promote([app]);
    expect(report.images).toMatchObject([{ status: "copied", previousDigest: rootDigest(before) }]);
  });

  it("keeps what is there when development's lifecycle policy has run", async () => {
    await using world = await twoAccounts();
    world.dev("team/app");
    placeImage(world.prod("team/app"), fixture, { tags: ["1"] });
    const { code, report } = await world.promote([app]);
    expect(code).toBe(0);
    expect(report.images).toMatchObject([{ status: "kept", digest: rootDigest(fixture) }]);
    expect(report.images[0]?.warnings).toHaveLength(1);
  });

  it("tells an archived image from one that nobody has", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeImages");
    const dev = world.dev("team/app");
    dev.policyText =
      dev.policyText?.replace('"ecr:BatchGetImage"', '"ecr:DescribeImages","ecr:BatchGetImage"') ?? "";
    placeImage(dev, fixture, { tags: ["1"] });
    for (const manifest of dev.manifests.values())
      dev.manifests.set(manifest.digest, { ...manifest, status: "ARCHIVED" });
    world.prod("team/app");
    const { code, report } = await world.promote([app]);
    expect(code).toBe(4);
    expect(report.images[0]?.error).toMatchObject({
      code: "ImageArchived",
      hint: expect.stringContaining("update-image-storage-class"),
    });
    placeImage(world.prod("team/app"), fixture, { tags: ["1"] });
    const kept = await world.promote([app]);
    expect(kept.report.images).toMatchObject([
      { status: "kept", warnings: [expect.stringContaining("archived")] },
    ]);
  });

  it("brings a layer again that the destination has lost before its manifest came", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    const there = world.prod("team/app");
    for (const blob of fixture.blobs) there.blobs.set(blob.digest, blob);
    const [lost] = fixture.blobs;
    let removed = false;
    const remove = setInterval(() => {
      const asked = world.emulator.requests.some(
        ({ method, path }) => method === "HEAD" && path.includes(`/blobs/${lost?.digest}`),
      );
      if (removed || !asked || lost === undefined) return;
      removed = true;
      there.blobs.delete(lost.digest);
    }, 0);
    world.emulator.faults.add({ method: "PUT", path: /manifests/ }, { do: "delay", ms: 60 });
    const { report } = await world.promote([app]);
    clearInterval(remove);
    expect(removed).toBe(true);
    expect(report.images).toMatchObject([{ status: "copied" }]);
    expectWhole(world, fixture);
  });

  it("fails for good when nobody has it", async () => {
    await using world = await twoAccounts();
    world.dev("team/app");
    world.prod("team/app");
    const { code, report } = await world.promote([app]);
    expect(code).toBe(4);
    expect(report.images[0]?.error).toMatchObject({ code: "ManifestUnknown", hint: expect.any(String) });
  });

  it("does not let one image's failure stop another", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
    world.prod("team/app");
    const { code, report } = await world.promote([
      `${prodHost}/team/missing:1`,
      app,
      "docker.io/library/nginx:1",
    ]);
    expect(code).toBe(4);
    expect(report.images.map(({ status }) => status)).toEqual(["failed", "copied", "skipped"]);
  });
});

describe("permissions and repositories", () => {
  it.each([
    { action: "ecr:PutImage", side: "destination" },
    { action: "ecr:InitiateLayerUpload", side: "destination" },
    { action: "ecr:CompleteLayerUpload", side: "destination" },
    { action: "ecr:BatchGetImage", side: "source" },
    { action: "ecr:GetDownloadUrlForLayer", side: "source" },
  ])("a missing $action is named, with the $side", async ({ action, side }) => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    const account = side === "source" ? "111111111111" : "222222222222";
    world.role.identity.policies.push({
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: action, Resource: `arn:aws:ecr:*:${account}:repository/*` }],
    });
    const { code, report } = await world.promote([app]);
    expect(code).toBe(4);
    const error = report.images[0]?.error;
    expect(error).toMatchObject({ code: "Denied", message: expect.stringContaining(`At the ${side}`) });
    expect(error?.hint).toContain(action);
    // The token told whose account it is, so the hint need not guess whether a repository policy is needed.
    expect(error?.hint?.includes("policy of repository")).toBe(side === "source");
    expect(error?.hint).not.toContain("if that is of another account");
  });

  it("a missing repository is named with the command that makes it", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const { code, report } = await world.promote([app]);
    expect(code).toBe(4);
    expect(report.images[0]?.error).toMatchObject({ code: "NameUnknown" });
    expect(report.images[0]?.error?.hint).toContain("aws ecr create-repository");
  });

  it("a missing repository is made with its settings when that is asked for", async () => {
    await using world = await twoAccounts();
    world.allow(
      "ecr:CreateRepository",
      "ecr:PutLifecyclePolicy",
      "ecr:TagResource",
      "ecr:DescribeRepositories",
    );
    placeImage(world.dev("team/app"), multiPlatform(), { tags: ["1"] });
    const config = `apiVersion: image-promoter/v1
kind: Promoter
copy:
  createRepositories:
    imageTagMutability: IMMUTABLE
    exclusionFilters: ["sha256-*"]
    scanOnPush: true
    lifecyclePolicy:
      rules:
        - rulePriority: 1
          selection: {tagStatus: untagged, countType: sinceImagePushed, countUnit: days, countNumber: 30}
          action: {type: expire}
    tags: {team: platform}
`;
    const { code } = await world.promote([app, "--config", "promoter.yaml"], {
      files: { "promoter.yaml": config },
    });
    expect(code).toBe(0);
    expect(world.prod("team/app")).toMatchObject({
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      scanOnPush: true,
      lifecyclePolicyText: expect.stringContaining("rules"),
    });
  });

  it("a role of the source account is assumed where the configuration says so", async () => {
    await using world = await twoAccounts();
    const dev = world.emulator.repository("111111111111", "eu-west-1", "team/app");
    placeImage(dev, image(), { tags: ["1"] });
    world.prod("team/app");
    const reader = world.emulator
      .account("111111111111")
      .createRole(
        "reader",
        [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ecr:*", Resource: "*" }] }],
        {
          trustPolicy: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { AWS: world.role.arn },
                Action: "sts:AssumeRole",
                Condition: { StringEquals: { "sts:ExternalId": "production" } },
              },
            ],
          },
        },
      );
    world.allow("sts:AssumeRole");
    const config = (externalId: string) => `apiVersion: image-promoter/v1
kind: Promoter
registries:
  - {host: 111111111111.dkr.ecr.eu-west-1.amazonaws.com, roleArn: "${reader.arn}", externalId: ${externalId}}
`;
    const args = [app, "--config", "promoter.yaml"];
    const refused = await world.promote(args, { files: { "promoter.yaml": config("wrong") } });
    expect(refused.report.images).toMatchObject([{ status: "failed", error: { temporary: false } }]);
    expect(await world.promote(args, { files: { "promoter.yaml": config("production") } })).toMatchObject({
      code: 0,
    });
  });
});
