import { describe, expect, it } from "vitest";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { Repository } from "../emulator/repository.ts";
import { referrer, withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodAccount, prodHost, region, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

const amd64 = image({ seed: 1, platform: { os: "linux", architecture: "amd64" } });
const arm64 = image({ seed: 2, platform: { os: "linux", architecture: "arm64", variant: "v8" } });
const app = `${prodHost}/team/app`;

interface Stored {
  readonly mediaType: string;
  readonly manifests: readonly {
    readonly digest: string;
    readonly platform?: object;
    readonly annotations?: Record<string, string>;
  }[];
  readonly annotations?: Record<string, string>;
}

function storedIndex(repository: Repository, tag: string): Stored {
  const digest = repository.imageTags.get(tag);
  const manifest = digest && repository.manifests.get(digest);
  return JSON.parse(Buffer.from(manifest ? manifest.bytes : []).toString());
}

function digestsIn(stored: Stored): string[] {
  return stored.manifests.map(({ digest }) => digest);
}

/** Requests that have put or deleted something. */
function writes({ emulator }: TwoAccounts): string[] {
  return emulator.requests
    .filter(({ method, path }) => ["PUT", "POST", "PATCH", "DELETE"].includes(method) && path !== "/")
    .map(({ method, path }) => `${method} ${path}`);
}

async function builtWorld(): Promise<{ world: TwoAccounts; repository: Repository }> {
  const world = await twoAccounts();
  const repository = world.prod("team/app");
  placeImage(repository, amd64, { tags: ["1.2-amd64"] });
  placeImage(repository, arm64, { tags: ["1.2-arm64"] });
  return { world, repository };
}

describe("index create", () => {
  it("makes an index of what is there with one request that writes", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    const { code, stdout, stderr } = await world.run([
      "index",
      "create",
      `${app}:1.2`,
      ":1.2-arm64",
      ":1.2-amd64",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`✓ created  ${app}:1.2`);
    expect(stdout).toContain("linux/arm64/v8");
    expect(storedIndex(repository, "1.2")).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [amd64, arm64].map(({ descriptor: { mediaType, digest, size, platform } }) => ({
        mediaType,
        digest,
        size,
        platform,
      })),
    });
    expect(writes(world)).toEqual(["PUT /v2/team/app/manifests/1.2"]);
  });

  it("does nothing the second time, also under an immutable tag", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    repository.imageTagMutability = "IMMUTABLE";
    const create = () =>
      world.run(["index", "create", `${app}:1.2`, ":1.2-amd64", ":1.2-arm64", "-o", "json"]);
    expect((await create()).code).toBe(0);
    const again = await create();
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      kind: "IndexReport",
      summary: { indexes: 1, upToDate: 1 },
      indexes: [
        { status: "up-to-date", manifests: [{ platform: "linux/amd64" }, { platform: "linux/arm64/v8" }] },
      ],
    });
    expect(writes(world)).toHaveLength(1);
  });

  it.each([
    ["under an immutable tag", {}, [], "TagImmutable"],
    ["under --overwrite never", {}, ["--overwrite", "never"], "OverwriteRefused"],
  ])("refuses to move a tag %s, before it writes", async (_name, _settings, flags, error) => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    world.allow("ecr:DescribeRepositories");
    if (flags.length === 0) repository.imageTagMutability = "IMMUTABLE";
    placeImage(repository, image({ seed: 7 }), { tags: ["1.2"] });
    const run = await world.run(["index", "create", `${app}:1.2`, ":1.2-amd64", "-o", "json", ...flags]);
    expect(JSON.parse(run.stdout).indexes).toMatchObject([{ status: "failed", error: { code: error } }]);
    expect(run.code).toBe(4);
    expect(writes(world)).toEqual([]);
  });

  it("says with --dry-run what it would be", async () => {
    const { world } = await builtWorld();
    await using _ = world;
    const plan = await world.run(["index", "create", `${app}:1.2`, ":1.2-amd64", "--dry-run", "-o", "json"]);
    expect(writes(world)).toEqual([]);
    const done = await world.run(["index", "create", `${app}:1.2`, ":1.2-amd64", "-o", "json"]);
    const [{ digest }] = JSON.parse(done.stdout).indexes;
    expect(JSON.parse(plan.stdout)).toMatchObject({
      kind: "IndexPlan",
      indexes: [{ status: "created", digest }],
    });
  });

  it("keeps attestations with their image, of indexes that BuildKit pushed", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    const [one, other] = [withAttestations([amd64]), withAttestations([arm64])];
    placeImage(repository, one, { tags: ["built-amd64"] });
    placeImage(repository, other, { tags: ["built-arm64"] });
    const run = await world.run(["index", "create", `${app}:2`, ":built-arm64", ":built-amd64"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/linux\/amd64 +sha256:\w{12} {2}1 attestation/);
    const stored = storedIndex(repository, "2");
    const attestationOf = (fixture: ImageFixture) => String(fixture.manifests.at(-2)?.descriptor.digest);
    expect(digestsIn(stored)).toEqual([
      rootDigest(amd64),
      rootDigest(arm64),
      attestationOf(one),
      attestationOf(other),
    ]);
    expect(stored.manifests.map(({ annotations }) => annotations?.["vnd.docker.reference.digest"])).toEqual([
      undefined,
      undefined,
      rootDigest(amd64),
      rootDigest(arm64),
    ]);
  });

  it("brings images of other repositories along, with what is attached to them: mounted, not sent", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    world.emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
    const sbom = referrer(amd64);
    const builds = world.prod("builds/amd64");
    placeImage(builds, amd64, { tags: ["1.2"] });
    placeImage(builds, sbom);
    repository.manifests.clear();
    repository.blobs.clear();
    placeImage(repository, arm64, { tags: ["1.2-arm64"] });
    const run = await world.run([
      "index",
      "create",
      `${app}:1.2`,
      `${prodHost}/builds/amd64:1.2`,
      ":1.2-arm64",
      "-o",
      "json",
    ]);
    expect(run.code).toBe(0);
    expect(digestsIn(storedIndex(repository, "1.2"))).toEqual([rootDigest(amd64), rootDigest(arm64)]);
    for (const { digest } of amd64.blobs) expect(repository.blobs.has(digest)).toBe(true);
    expect(repository.manifests.has(rootDigest(sbom))).toBe(true);
    const order = writes(world);
    expect(order.at(-1)).toBe("PUT /v2/team/app/manifests/1.2");
    expect(order.filter((line) => line.includes("mount="))).not.toEqual([]);
    expect(order.filter((line) => line.startsWith("PATCH"))).toEqual([]);
  });

  it("sends what the account does not mount", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    placeImage(
      world.prod("builds/s390x"),
      image({ seed: 21, platform: { os: "linux", architecture: "s390x" } }),
      {
        tags: ["1.2"],
      },
    );
    const run = await world.run([
      ...["index", "create", `${app}:1.2`, `${prodHost}/builds/s390x:1.2`, ":1.2-arm64"],
      ...["-o", "json"],
    ]);
    expect(run.code).toBe(0);
    const [{ bytesCopied, bytesMounted, manifests }] = JSON.parse(run.stdout).indexes;
    expect({ bytesMounted, sent: bytesCopied > 1_000 }).toEqual({ bytesMounted: 0, sent: true });
    expect(manifests.map(({ platform }: { platform: string }) => platform)).toEqual([
      "linux/arm64/v8",
      "linux/s390x",
    ]);
    expect(digestsIn(storedIndex(repository, "1.2"))).toHaveLength(2);
  });

  it.each([
    ["yaml", /^kind: IndexReport$/m],
    ["markdown", /^\| linux\/arm64\/v8 \| <code>sha256:/m],
  ])("reports in %s", async (format, expected) => {
    const { world } = await builtWorld();
    await using _ = world;
    const run = await world.run(["index", "create", `${app}:1.2`, ":1.2-arm64", "-o", format]);
    expect(run.stdout).toMatch(expected);
  });

  it("takes annotations, of the index and of entries", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    const run = await world.run([
      ...["index", "create", `${app}:1.2`, ":1.2-amd64", ":1.2-arm64"],
      ...["--annotation", "b=2", "--annotation", "a=1=1", "--manifest-annotation", ":1.2-arm64=for=graviton"],
    ]);
    expect(run.code).toBe(0);
    const stored = storedIndex(repository, "1.2");
    expect(JSON.stringify(stored.annotations)).toBe('{"a":"1=1","b":"2"}');
    expect(stored.manifests.map(({ annotations }) => annotations)).toEqual([undefined, { for: "graviton" }]);
  });

  it("refuses two images for one platform, and takes the later with --replace", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    const other = image({ seed: 9, platform: { os: "linux", architecture: "arm64" } });
    placeImage(repository, other, { tags: ["other"] });
    const args = ["index", "create", `${app}:1.2`, ":1.2-arm64", ":other", "-o", "json"];
    const refused = await world.run(args);
    expect(refused.code).toBe(4);
    expect(JSON.parse(refused.stdout).indexes[0].error).toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(/Two images run on linux\/arm64(\/v8)?: .*1.2-arm64.*other/),
    });
    expect((await world.run([...args, "--replace"])).code).toBe(0);
    expect(digestsIn(storedIndex(repository, "1.2"))).toEqual([rootDigest(other)]);
  });

  it("makes a Docker manifest list of Docker's images alone", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    const docker = image({ seed: 11, family: "docker" });
    placeImage(repository, docker, { tags: ["docker"] });
    const make = (...args: string[]) =>
      world.run(["index", "create", `${app}:list`, "--format", "docker", "-o", "json", ...args]);
    expect((await make(":docker")).code).toBe(0);
    expect(storedIndex(repository, "list").mediaType).toBe(mediaTypes.dockerList);
    for (const args of [[":1.2-arm64"], [":docker", "--annotation", "a=b"]]) {
      const refused = await make(...args);
      expect(refused.code).toBe(4);
      expect(JSON.parse(refused.stdout).indexes[0].error.code).toBe("UnsupportedManifest");
    }
  });

  it.each([
    [["index", "create"], /no images/],
    [["index", "create", `${app}:1`], /no images/],
    [["index", "create", `${app}:1@${rootDigest(amd64)}`, ":2"], /has a digest/],
    [["index", "create", `${app}:1`, ":2", "--platform", ":3=linux/arm64"], /not among the images/],
    [["index", "create", `${app}:1`, ":2", "--platform", ":2=wat wat"], /Cannot read the platform/],
    [["index", "create", `${app}:1`, ":2", "--annotation", "x"], /Cannot use --annotation/],
    [["index", "create", `${app}:1`, ":2", "--tag", "1"], /go with --metadata/],
    [["index", "create", "--metadata", "m.yaml"], /what \{tag\} stands for/],
    [["index", "create", "--metadata", "nowhere.yaml", "--tag", "1"], /Cannot read the metadata file/],
  ])("refuses %j", async (args, message) => {
    await using world = await twoAccounts();
    const { code, stderr } = await world.run(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("index append", () => {
  it("adds to what is there, and keeps its annotations", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    await world.run(["index", "create", `${app}:1.2`, ":1.2-arm64", "--annotation", "a=1"]);
    const run = await world.run(["index", "append", `${app}:1.2`, ":1.2-amd64", "-o", "json"]);
    expect(JSON.parse(run.stdout).indexes).toMatchObject([{ status: "changed" }]);
    const stored = storedIndex(repository, "1.2");
    expect(digestsIn(stored)).toEqual([rootDigest(amd64), rootDigest(arm64)]);
    expect(stored.annotations).toEqual({ a: "1" });
  });

  it("refuses where there is none, or one image alone", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    const append = async (tag: string) => {
      const { code, stdout } = await world.run([
        "index",
        "append",
        `${app}:${tag}`,
        ":1.2-arm64",
        "-o",
        "json",
      ]);
      return [code, JSON.parse(stdout).indexes[0].error.code];
    };
    expect(await append("none")).toEqual([4, "ManifestUnknown"]);
    expect(await append("1.2-amd64")).toEqual([4, "InvalidInput"]);
    expect(repository.imageTags.get("1.2-amd64")).toBe(rootDigest(amd64));
  });
});

describe("index inspect", () => {
  it("shows what is there, for people and for programs", async () => {
    const { world } = await builtWorld();
    await using _ = world;
    await world.run(["index", "create", `${app}:1.2`, ":1.2-amd64", ":1.2-arm64", "--annotation", "a=1"]);
    const text = await world.run(["index", "inspect", `${app}:1.2`]);
    expect(text.stdout).toContain(`linux/arm64/v8  ${rootDigest(arm64)}`);
    expect(text.stdout).toContain("a: 1");
    const { stdout } = await world.run(["index", "inspect", `${app}:1.2`, `${app}:1.2-amd64`, "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "IndexList",
      indexes: [
        {
          isIndex: true,
          annotations: { a: "1" },
          manifests: [{ platform: "linux/amd64" }, { platform: "linux/arm64/v8" }],
        },
        { isIndex: false, manifests: [{ platform: "linux/amd64", digest: rootDigest(amd64) }] },
      ],
    });
    const markdown = await world.run(["index", "inspect", `${app}:1.2`, "-o", "markdown"]);
    expect(markdown.stdout).toContain("| linux/amd64 | <code>sha256:");
  });

  it("says what is not there", async () => {
    const { world } = await builtWorld();
    await using _ = world;
    const { code, stderr } = await world.run(["index", "inspect", `${app}:nothing`]);
    expect(code).toBe(4);
    expect(stderr).toContain("ManifestUnknown");
  });
});

describe("index create --metadata", () => {
  const metadata = `apiVersion: image-promoter/v1
kind: MultiArchitecture
registry: ${prodHost}/team
architectures: [amd64, arm64]
annotations:
  org.opencontainers.image.version: "{tag}"
repositories:
  - app
  - name: worker
    architectures: [amd64]
    source: "{repository}-{architecture}:{tag}"
  - name: late
`;
  const files = { "metadata-multi.yaml": metadata };

  it("makes each repository's, and says which could not be made", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    placeImage(world.prod("team/worker-amd64"), amd64, { tags: ["1.2"] });
    const worker = world.prod("team/worker");
    world.prod("team/late");
    const run = await world.run(
      ["index", "create", "--metadata", "metadata-multi.yaml", "--tag", "1.2", "-o", "json"],
      { files },
    );
    expect(JSON.parse(run.stdout)).toMatchObject({
      summary: { indexes: 3, created: 2, failed: 1 },
      indexes: [
        { index: `${app}:1.2`, status: "created", origin: "metadata-multi.yaml:8" },
        { index: `${prodHost}/team/worker:1.2`, status: "created" },
        {
          index: `${prodHost}/team/late:1.2`,
          error: { code: "ManifestUnknown" },
          origin: "metadata-multi.yaml:12",
        },
      ],
    });
    expect(run.code).toBe(4);
    expect(storedIndex(repository, "1.2").annotations).toEqual({ "org.opencontainers.image.version": "1.2" });
    expect(digestsIn(storedIndex(worker, "1.2"))).toEqual([rootDigest(amd64)]);
    const some = await world.run(
      ["index", "create", "--metadata", "metadata-multi.yaml", "--tag", "1.2", "--repository", "a*"],
      { files },
    );
    expect(some.stdout).toContain("1 index: 1 up to date");
  });

  it("refuses an image that was built for another architecture", async () => {
    const { world, repository } = await builtWorld();
    await using _ = world;
    repository.imageTags.set("1.2-arm64", rootDigest(amd64));
    const run = await world.run(
      ["index", "create", "--metadata", "metadata-multi.yaml", "--tag", "1.2", "--repository", "app"],
      { files },
    );
    expect(run.code).toBe(4);
    expect(run.stdout).toMatch(/1.2-arm64 runs on linux\/amd64, and should on linux\/arm64/);
  });
});

it("gives an index whose members another index names the same bytes", async () => {
  const { world, repository } = await builtWorld();
  await using _ = world;
  placeImage(repository, index([arm64, amd64]), { tags: ["both"] });
  await world.run(["index", "create", `${app}:x`, ":both"]);
  await world.run(["index", "create", `${app}:y`, ":1.2-amd64", ":1.2-arm64"]);
  expect(repository.imageTags.get("x")).toBe(repository.imageTags.get("y"));
});
