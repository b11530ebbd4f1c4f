import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleIndexes } from "../../job/index-assembly/assemble.ts";
import type { IndexReport } from "../../job/index-assembly/report.ts";
import type { IndexRequest } from "../../job/index-assembly/request.ts";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { blob, document } from "../promotion/memory-image.ts";
import type { MemoryRepository } from "../promotion/memory-registry.ts";
import { type World, world } from "../promotion/world.ts";

const target = { host: "prod.test", repository: "app", tag: "1.2" };

interface ImageParts {
  readonly platform: object;
  readonly tag?: string;
  readonly seed?: string;
}

function image(repository: MemoryRepository, { platform, tag, seed = "" }: ImageParts): Manifest {
  const manifest = document({
    mediaType: mediaTypes.ociManifest,
    config: blob(repository, JSON.stringify({ ...platform, seed }), mediaTypes.ociConfig),
    layers: [
      blob(
        repository,
        `layer of ${JSON.stringify(platform)}${seed}`,
        "application/vnd.oci.image.layer.v1.tar",
      ),
    ],
  });
  repository.put(manifest, tag);
  return manifest;
}

function attested(repository: MemoryRepository, subject: Manifest, platform: object, tag: string): Manifest {
  const statement = document({
    mediaType: mediaTypes.ociManifest,
    config: blob(repository, "{}", mediaTypes.ociConfig),
    layers: [blob(repository, `about ${subject.descriptor.digest}`, "application/vnd.in-toto+json")],
  });
  repository.put(statement);
  const entry = {
    ...statement.descriptor,
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.digest": subject.descriptor.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    },
  };
  return indexOf(repository, [{ ...subject.descriptor, platform } as Descriptor, entry], tag);
}

function indexOf(repository: MemoryRepository, manifests: readonly object[], tag: string): Manifest {
  const manifest = document({ mediaType: mediaTypes.ociIndex, manifests });
  repository.put(manifest, tag);
  return manifest;
}

async function assembleOne(
  { context }: World,
  images: readonly string[],
  changes: Partial<IndexRequest> = {},
): Promise<IndexReport> {
  const sources = images.map((name) => ({
    reference: parseReference(name.startsWith(":") ? `prod.test/app${name}` : name),
  }));
  const request = { target, sources, append: false, replace: false, ...changes };
  const [report] = (await assembleIndexes([request], context())).indexes;
  if (report === undefined) throw new Error("nothing was reported");
  return report;
}

const linux = (architecture: string, variant?: string) => ({
  os: "linux",
  architecture,
  ...(variant !== undefined && { variant }),
});

describe("the same images in any order", () => {
  const platforms = [
    linux("amd64"),
    linux("arm64", "v8"),
    linux("arm", "v7"),
    linux("arm", "v6"),
    { os: "windows", architecture: "amd64", "os.version": "10.0.17763.1" },
    { os: "windows", architecture: "amd64", "os.version": "10.0.20348.1", "os.features": ["win32k"] },
  ];

  it("give the same bytes, whether they come alone, attested, or in indexes that overlap", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    const images = platforms.map((platform, position) =>
      image(repository, { platform, tag: `i${position}` }),
    );
    const names = platforms.map((platform, position) => {
      const manifest = images[position];
      if (manifest === undefined || position % 2 === 0) return `:i${position}`;
      attested(repository, manifest, platform, `a${position}`);
      return `:a${position}`;
    });
    // One of them spelled differently: an index that does not say the variant.
    const [, arm64] = images;
    if (arm64) indexOf(repository, [{ ...arm64.descriptor, platform: linux("arm64") }], "again");
    const digests = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...names, ":again"], { minLength: names.length + 1 }),
        async (order) => {
          const report = await assembleOne(some, order);
          expect(report.error).toBeUndefined();
          digests.add(report.digest);
        },
      ),
      { numRuns: 60 },
    );
    expect(digests.size).toBe(1);
    const bytes =
      repository.manifests.get(repository.tags.get("1.2") ?? "sha256:")?.bytes ?? new Uint8Array();
    const { manifests } = JSON.parse(Buffer.from(bytes).toString());
    expect(manifests).toHaveLength(platforms.length + 3);
    expect(manifests[1].platform).toEqual({ architecture: "arm", os: "linux", variant: "v6" });
    expect(JSON.stringify(manifests[5].platform)).toBe(
      '{"architecture":"amd64","os":"windows","os.version":"10.0.20348.1","os.features":["win32k"]}',
    );
  });
});

describe("somebody else who changes the index meanwhile", () => {
  it("is noticed, and the index read again", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    for (const name of ["amd64", "arm64", "s390x"]) image(repository, { platform: linux(name), tag: name });
    await assembleOne(some, [":amd64"]);
    const mine = repository.tags.get("1.2");
    await assembleOne(some, [":amd64", ":s390x"]);
    const theirs = repository.tags.get("1.2");
    if (mine === undefined || theirs === undefined) throw new Error("no index");
    repository.tags.set("1.2", mine);
    let looks = 0;
    some.prod.fault = ({ verb, target: asked }) => {
      if (verb === "resolve" && asked === "1.2" && looks++ === 0) repository.tags.set("1.2", theirs);
    };
    const report = await assembleOne(some, [":arm64"], { append: true });
    expect(report).toMatchObject({ status: "changed", previousDigest: theirs });
    expect(report.manifests.map(({ platform }) => platform)).toEqual([
      "linux/amd64",
      "linux/arm64",
      "linux/s390x",
    ]);
  });

  it("ends it when that goes on, and nothing is pushed", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    const images = ["amd64", "arm64"].map((name) => image(repository, { platform: linux(name), tag: name }));
    await assembleOne(some, [":amd64"]);
    let looks = 0;
    some.prod.fault = ({ verb, target: asked }) => {
      if (verb !== "resolve" || asked !== "1.2") return;
      const entry = { ...images[0]?.descriptor, platform: linux("amd64") };
      indexOf(repository, [{ ...entry, annotations: { look: String(looks++) } }], "1.2");
    };
    const pushes = some.prod.count("pushManifest");
    const report = await assembleOne(some, [":arm64"], { append: true });
    expect(report).toMatchObject({
      status: "failed",
      error: { code: "VerificationFailed", temporary: true },
    });
    expect(some.prod.count("pushManifest")).toBe(pushes);
  });
});

describe("what an index is made of", () => {
  it("is in its repository before it, from other registries too, and the tag comes last", async () => {
    const some = world();
    image(some.dev.repository("builds"), { platform: linux("amd64"), tag: "1" });
    image(some.prod.repository("app"), { platform: linux("arm64"), tag: "arm64" });
    const report = await assembleOne(some, ["dev.test/builds:1", ":arm64"]);
    expect(report).toMatchObject({ status: "created", bytesMounted: 0 });
    expect(report.bytesCopied).toBeGreaterThan(0);
    const pushed = some.prod.calls.filter(({ verb }) => verb === "pushManifest").map(({ target }) => target);
    expect(pushed.at(-1)).toBe("1.2");
    expect(pushed).toHaveLength(2);
  });

  it("must be there: an index that outlived a member is refused", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    const amd64 = image(repository, { platform: linux("amd64") });
    indexOf(repository, [{ ...amd64.descriptor, platform: linux("amd64") }], "both");
    repository.manifests.delete(amd64.descriptor.digest);
    const report = await assembleOne(some, [":both"]);
    expect(report.error).toMatchObject({
      code: "ManifestUnknown",
      message: expect.stringContaining("not there any more"),
    });
    expect(repository.tags.has("1.2")).toBe(false);
  });

  it("leaves out attestations whose image is not there, and says so; with a replaced image they go silently", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    const old = image(repository, { platform: linux("amd64"), seed: "old" });
    attested(repository, old, linux("amd64"), "old");
    image(repository, { platform: linux("amd64"), seed: "new", tag: "new" });
    const replaced = await assembleOne(some, [":old", ":new"], { replace: true });
    expect(replaced).toMatchObject({ warnings: [], manifests: [{ platform: "linux/amd64" }] });
    const strays = JSON.parse(Buffer.from(attested(repository, old, linux("amd64"), "x").bytes).toString());
    indexOf(repository, [strays.manifests[1]], "stray");
    const left = await assembleOne(some, [":new", ":stray"]);
    expect(left.manifests).toHaveLength(1);
    expect(left.warnings).toEqual([expect.stringContaining("Left out the attestation")]);
  });

  it("flattens indexes in indexes, and refuses what never ends", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    const amd64 = image(repository, { platform: linux("amd64"), tag: "amd64" });
    let inner = indexOf(repository, [{ ...amd64.descriptor, platform: linux("amd64") }], "nested");
    for (let level = 0; level < 3; level += 1) inner = indexOf(repository, [inner.descriptor], "nested");
    const nested = await assembleOne(some, [":nested"]);
    await assembleOne(some, [":amd64"], { target: { ...target, tag: "plain" } });
    expect(nested.digest).toBe(repository.tags.get("plain"));
    for (let level = 0; level < 8; level += 1) inner = indexOf(repository, [inner.descriptor], "deep");
    expect((await assembleOne(some, [":deep"])).error).toMatchObject({ code: "ManifestInvalid" });
  });

  it("is something", async () => {
    const some = world();
    indexOf(some.prod.repository("app"), [], "empty");
    expect((await assembleOne(some, [":empty"])).error).toMatchObject({
      code: "InvalidInput",
      message: "prod.test/app:1.2 would be an index of nothing",
    });
  });

  it("needs a platform, which may be given", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    const artifact = document({
      mediaType: mediaTypes.ociManifest,
      config: blob(repository, "{}", "application/vnd.example"),
      layers: [],
    });
    repository.put(artifact, "thing");
    expect((await assembleOne(some, [":thing"])).error).toMatchObject({ code: "InvalidInput" });
    const reference = parseReference("prod.test/app:thing");
    const given = await assembleOne(some, [], { sources: [{ reference, platform: linux("riscv64") }] });
    expect(given.manifests).toMatchObject([{ platform: "linux/riscv64" }]);
  });

  it("proves the configuration that it reads", async () => {
    const some = world();
    const repository = some.prod.repository("app");
    const amd64 = image(repository, { platform: linux("amd64"), tag: "amd64" });
    const { config } = JSON.parse(Buffer.from(amd64.bytes).toString());
    const bytes = repository.blobs.get(config.digest) ?? new Uint8Array();
    repository.blobs.set(config.digest, Buffer.from(bytes.map((byte) => (byte === 97 ? 98 : byte))));
    expect((await assembleOne(some, [":amd64"])).error).toMatchObject({ code: "DigestMismatch" });
  });

  it("is never read of layers", async () => {
    const some = world();
    image(some.prod.repository("app"), { platform: linux("amd64"), tag: "amd64" });
    await assembleOne(some, [":amd64"]);
    expect(some.prod.count("fetchBlob")).toBe(1);
  });
});

it("reports an abort, and writes nothing more", async () => {
  const some = world();
  image(some.prod.repository("app"), { platform: linux("amd64"), tag: "amd64" });
  const request = {
    target,
    sources: [{ reference: parseReference("prod.test/app:amd64") }],
    append: false,
    replace: false,
  };
  const report = await assembleIndexes(
    [request],
    some.context({ signal: AbortSignal.abort(new Error("stop")) }),
  );
  expect(report.summary).toMatchObject({ indexes: 1, failed: 1 });
  expect(some.prod.count("pushManifest")).toBe(0);
});
