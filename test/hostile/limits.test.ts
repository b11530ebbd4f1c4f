import { once } from "node:events";
import type { ServerResponse } from "node:http";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { Semaphore } from "../../job/async/semaphore.ts";
import type { ContentReader } from "../../job/oci/content.ts";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { type Manifest, readManifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { GraphFetcher } from "../../job/promotion/graph.ts";
import { followPages, type Page } from "../../job/registry/pages.ts";
import type { RegistryRepository } from "../../job/registry/repository.ts";
import { rejection } from "../registry/everything.ts";
import {
  all,
  blobOf,
  bytesOf,
  collect,
  manifestOf,
  openTestRegistry,
} from "../registry/open-test-registry.ts";
import { serve } from "../registry/sockets.ts";

const MiB = 1024 ** 2;

/** Writes for as long as somebody reads. */
async function endless(response: ServerResponse, chunk: Buffer): Promise<void> {
  while (!response.destroyed)
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), once(response, "close")]);
}

describe("S16: an answer without end", () => {
  const blob = blobOf(bytesOf(1_000));
  const sinks: readonly [string, number, (repository: RegistryRepository) => Promise<unknown>, string][] = [
    ["a manifest", 200, (repository) => repository.fetchManifest("v1"), "ManifestTooLarge"],
    ["a list of tags", 200, (repository) => all(repository.tags()), "InvalidResponse"],
    ["a list of referrers", 200, (repository) => all(repository.referrers(blob.digest)), "InvalidResponse"],
    ["a blob", 200, async (repository) => collect(await repository.fetchBlob(blob)), "SizeMismatch"],
    ["an error", 400, (repository) => repository.fetchManifest("v1"), "InvalidResponse"],
  ];

  it.each(sinks)("is not read as %s", async (_what, status, ask, code) => {
    await using server = await serve((_seen, response) => {
      response.writeHead(status, { "content-type": mediaTypes.ociManifest });
      void endless(response, Buffer.alloc(MiB, " "));
    });
    await using client = openTestRegistry(server.url.host, { retry: { attempts: 1 } });
    const before = process.memoryUsage().rss;
    const begun = performance.now();
    const error = await rejection(ask(client.registry.repository("team/app")));
    expect(error).toMatchObject({ code });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(96 * MiB);
  });

  it("is not read as headers", async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(200, Array.from({ length: 40 }, (_, at) => [`x-${at}`, "y".repeat(1_000)]).flat());
      response.end();
    });
    await using client = openTestRegistry(server.url.host, { retry: { attempts: 1 } });
    expect(await rejection(client.registry.repository("team/app").fetchManifest("v1"))).toMatchObject({
      code: "InvalidResponse",
    });
  });
});

it("S9: a list without end, each page at another address, is given up", async () => {
  let pages = 0;
  const page = (): Page => {
    pages += 1;
    return { document: {}, next: new URL(`https://registry.test/v2/x?last=${pages}`) };
  };
  const access = { host: "registry.test", repository: "x" } as Parameters<typeof followPages>[0];
  const walk = async () => {
    for await (const _page of followPages(access, page(), async () => page()));
  };
  expect(await rejection(walk())).toMatchObject({ code: "InvalidResponse" });
  expect(pages).toBeLessThanOrEqual(10_001);
});

describe("S17: an image", () => {
  /** A source that makes up manifests as they are asked for. */
  function fetching(root: Manifest, find: (digest: string) => Manifest | undefined) {
    let asked = 0;
    const from = {
      host: "hostile.test",
      repository: "x",
      resolve: async () => undefined,
      fetchManifest: async (digest: string) => {
        asked += 1;
        return find(digest);
      },
    } as unknown as ContentReader;
    const context = {
      repositories: { source: () => from, destination: () => from },
      clock: systemClock,
      limit: new Semaphore(16),
      overwrite: "never",
      referrers: "all",
    } as unknown as ConstructorParameters<typeof GraphFetcher>[1];
    const done = new GraphFetcher({ from, to: undefined }, context).fetch(root.descriptor);
    return { done, asked: () => asked };
  }

  function indexOf(manifests: readonly Descriptor[], extra: object = {}): Manifest {
    const mediaType = mediaTypes.ociIndex;
    return manifestOf({ schemaVersion: 2, mediaType, manifests, ...extra }, mediaType);
  }

  it("with a million entries is refused before it is read", () => {
    const [layer] = [{ mediaType: "x/y", digest: `sha256:${"0".repeat(64)}`, size: 1 }];
    const mediaType = mediaTypes.ociManifest;
    const many = { schemaVersion: 2, mediaType, layers: Array(1_000_000).fill(layer) };
    const begun = performance.now();
    const manifest = { descriptor: manifestOf({}).descriptor, bytes: Buffer.from(JSON.stringify(many)) };
    expect(() => readManifest(manifest)).toThrow(expect.objectContaining({ code: "ManifestInvalid" }));
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it("of indexes in indexes without end is refused", async () => {
    const chain = [indexOf([])];
    while (chain.length < 50) chain.unshift(indexOf([(chain[0] ?? indexOf([])).descriptor]));
    const byDigest = new Map(chain.map((one) => [one.descriptor.digest as string, one]));
    const { done, asked } = fetching(chain[0] ?? indexOf([]), (digest) => byDigest.get(digest));
    expect(await rejection(done)).toMatchObject({ code: "ManifestInvalid" });
    expect(asked()).toBeLessThan(12);
  });

  it("that names the same few indexes over and over is read once, whatever the number of ways", async () => {
    const levels = [[indexOf([], { annotations: { n: "a" } }), indexOf([], { annotations: { n: "b" } })]];
    for (let level = 1; level < 8; level += 1) {
      const below = (levels[0] ?? []).map(({ descriptor }) => descriptor);
      levels.unshift(["a", "b"].map((n) => indexOf(Array(30).fill(below).flat(), { annotations: { n } })));
    }
    const known = new Map(levels.flat().map((one) => [one.descriptor.digest as string, one]));
    const root = levels[0]?.[0] ?? indexOf([]);
    const { done, asked } = fetching(root, (digest) => known.get(digest));
    await done;
    expect(asked()).toBe(15);
  });

  it("whose indexes fan out is refused after ten thousand manifests", async () => {
    const made = new Map<string, Manifest>();
    const fan = (depth: number, name: string): Manifest => {
      const members =
        depth === 0 ? [] : Array.from({ length: 120 }, (_, at) => fan(depth - 1, `${name}.${at}`).descriptor);
      const index = indexOf(members, { annotations: { name } });
      made.set(index.descriptor.digest, index);
      return index;
    };
    const { done, asked } = fetching(fan(2, "0"), (digest) => made.get(digest));
    expect(await rejection(done)).toMatchObject({ code: "ManifestInvalid" });
    expect(asked()).toBeLessThanOrEqual(10_000);
  });

  it("of many large manifests is refused before they fill the memory", async () => {
    const member = (at: number): Descriptor => ({
      mediaType: mediaTypes.ociManifest,
      digest: `sha256:${String(at).padStart(64, "0")}`,
      size: 4 * MiB,
    });
    const root = indexOf(Array.from({ length: 100 }, (_, at) => member(at)));
    const { done, asked } = fetching(root, (digest) =>
      digest === root.descriptor.digest ? root : undefined,
    );
    expect(await rejection(done)).toMatchObject({
      code: expect.stringMatching(/ManifestInvalid|ManifestUnknown/),
    });
    expect(asked()).toBeLessThan(20);
  });
});

it("S20: a blob of one byte a second is given up", async () => {
  const blob = blobOf(bytesOf(100_000));
  await using server = await serve((_seen, response) => {
    response.writeHead(200, { "content-length": blob.size });
    const drip = setInterval(() => response.write("x"), 25);
    response.on("close", () => clearInterval(drip));
  });
  await using client = openTestRegistry(server.url.host, { retry: { attempts: 2 }, progressTimeoutMs: 300 });
  const begun = performance.now();
  const read = client.registry.repository("team/app").fetchBlob(blob).then(collect);
  expect(await rejection(read)).toMatchObject({ code: "Timeout", temporary: true });
  expect(performance.now() - begun).toBeLessThan(10_000);
});
