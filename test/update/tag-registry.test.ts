import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { parseReference } from "../../job/oci/reference.ts";
import type { ListedTag } from "../../job/replication/catalog.ts";
import { RegistryMemory, tagRegistry } from "../../job/update/tag-registry.ts";
import { ManualClock } from "../ecr/manual-clock.ts";
import { blobBytes } from "../emulator/blob.ts";
import {
  type ImageFixture,
  image,
  index,
  jsonBlob,
  manifestOf,
  rootDigest,
} from "../fixtures/image-fixture.ts";
import { world as memoryWorld } from "../promotion/world.ts";

const app = parseReference("dev.test/app");
const [amd64, arm64] = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));

function stocked(...fixtures: readonly (readonly [string, ImageFixture])[]) {
  const { dev, context } = memoryWorld();
  const repository = dev.repository("app");
  for (const [tag, { manifests, blobs, descriptor }] of fixtures) {
    for (const manifest of manifests) repository.manifests.set(manifest.descriptor.digest, manifest);
    for (const blob of blobs) repository.blobs.set(blob.digest, blobBytes(blob));
    repository.tags.set(tag, descriptor.digest);
  }
  const lists: string[] = [];
  const catalog = {
    async tags({ repository: name }: { repository: string }): Promise<readonly ListedTag[] | undefined> {
      lists.push(name);
      return [...dev.repository(name).tags.keys()].map((tag) => ({ tag }));
    },
  };
  const clock = new ManualClock();
  const memory = new RegistryMemory({ clock, perSecond: 1_000 });
  return {
    dev,
    lists,
    clock,
    memory,
    catalog,
    context,
    round: () => tagRegistry({ catalog, context: context(), memory }),
  };
}

describe("what registries are asked", () => {
  it("is asked once in a round, and of an image's content once for all", async () => {
    const fixture = image({ seed: 3 });
    const { dev, lists, round } = stocked(["1", fixture]);
    const first = round();
    const facts = await Promise.all([1, 2, 3].map(() => first.facts(app, rootDigest(fixture))));
    expect(facts[0]).toEqual({ created: 3_000, platforms: [{ os: "linux", architecture: "amd64" }] });
    await Promise.all([first.tags(app), first.tags(app), first.digest(app, "1"), first.digest(app, "1")]);
    const asked = dev.calls.length;
    expect([dev.count("resolve"), lists]).toEqual([1, ["app"]]);

    const second = round();
    expect(await second.facts(app, rootDigest(fixture))).toEqual(facts[0]);
    expect(dev.calls).toHaveLength(asked);
    await second.tags(app);
    expect(lists).toEqual(["app", "app"]);
  });

  it("is asked again after it failed", async () => {
    const { dev, round } = stocked(["1", image()]);
    const registry = round();
    dev.fault = () => {
      throw new PromoterError("Unavailable", "busy", { temporary: true });
    };
    await expect(registry.digest(app, "1")).rejects.toMatchObject({ code: "Unavailable" });
    dev.fault = undefined;
    expect(await registry.digest(app, "1")).toBe(rootDigest(image()));
    expect(await registry.digest(app, "2")).toBeUndefined();
  });

  it("goes out no faster than it may, to each registry by itself", async () => {
    const { clock, catalog, context } = stocked();
    const memory = new RegistryMemory({ clock, perSecond: 2 });
    const registry = tagRegistry({ catalog, context: context(), memory });
    let done = 0;
    const all = Array.from({ length: 6 }, (_, number) =>
      registry.digest(app, `tag-${number}`).then(() => {
        done += 1;
      }),
    );
    await clock.advance(0);
    expect(done).toBe(2);
    await registry.digest(parseReference("prod.test/app"), "1");
    await clock.advance(1_000);
    expect(done).toBe(4);
    await clock.advance(1_000);
    await Promise.all(all);
  });
});

describe("what an image says of itself", () => {
  const facts = (fixture: ImageFixture, platform?: string) =>
    stocked(["1", fixture]).round().facts(app, rootDigest(fixture), platform);
  const both = index([
    image({ seed: 1, ...(amd64 && { platform: amd64 }) }),
    image({ seed: 2, ...(arm64 && { platform: arm64 }) }),
  ]);

  it("is that of the platform's image in an index, and the platforms of all", async () => {
    expect(await facts(both)).toEqual({ created: 1_000, platforms: [amd64, arm64] });
    expect((await facts(both, "linux/arm64")).created).toBe(2_000);
    expect((await facts(both, "linux/s390x")).created).toBe(1_000);
  });

  it("leaves out what runs on nothing", async () => {
    const attestation = image({ seed: 7, platform: { os: "unknown", architecture: "unknown" } });
    const { platforms } = await facts(index([attestation, image()]));
    expect(platforms).toEqual([{ os: "linux", architecture: "amd64" }]);
    expect(await facts(index([attestation]))).toEqual({ platforms: [] });
  });

  it.each([
    { config: { created: "2026-01-02T03:04:05Z" }, created: Date.UTC(2026, 0, 2, 3, 4, 5) },
    { config: { created: "1970-01-01T00:00:00Z" }, created: undefined },
    { config: { created: "yesterday" }, created: undefined },
    { config: { created: 5 }, created: undefined },
    { config: { created: `2026-${"9".repeat(50)}` }, created: undefined },
    { config: {}, created: undefined },
    { config: [], created: undefined },
    { config: {}, annotation: "2026-01-02T03:04:05Z", created: Date.UTC(2026, 0, 2, 3, 4, 5) },
  ])("reads $config as built at $created", async ({ config, created, annotation }) => {
    const blob = jsonBlob(config);
    const manifest = manifestOf("application/vnd.oci.image.manifest.v1+json", {
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: blob.digest, size: blob.size },
      layers: [],
      ...(annotation !== undefined && { annotations: { "org.opencontainers.image.created": annotation } }),
    });
    const fixture = { descriptor: manifest.descriptor, manifests: [manifest], blobs: [blob] };
    expect((await facts(fixture)).created).toBe(created);
  });

  it("is refused where its configuration is no JSON", async () => {
    const fixture = image();
    const { dev, round } = stocked(["1", fixture]);
    const [config] = fixture.blobs;
    if (config === undefined) throw new Error("no configuration");
    dev.repository("app").blobs.set(config.digest, Buffer.alloc(config.size, "{"));
    await expect(round().facts(app, rootDigest(fixture))).rejects.toMatchObject({ code: "DigestMismatch" });
  });
});
