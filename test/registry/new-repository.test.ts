import { describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import type { RegistryOptions } from "../../job/registry/registry.ts";
import { blobOf, bytesOf, manifestOf, openTestRegistry } from "./open-test-registry.ts";
import { serve } from "./sockets.ts";

const small = blobOf(bytesOf(1_000, 1));
const large = { ...blobOf(bytesOf(1_000, 2)), size: 1024 * 1024 + 1 };
const manifest = manifestOf({});
const { digest } = manifest.descriptor;

/** A repository of which the registry says by `status` whether it knows it, and has whatever it is asked for. */
async function destination(status: number | "never", options: Partial<RegistryOptions> = {}) {
  const server = await serve(({ method, path }, response) => {
    if (path.includes("/tags/list")) {
      if (status !== "never") response.writeHead(status).end("{}");
      return;
    }
    if (method === "PUT") {
      response.writeHead(201, { location: path }).end();
      return;
    }
    const { mediaType, size } = manifest.descriptor;
    const length = path.includes(large.digest) ? large.size : path.includes("/blobs/") ? small.size : size;
    const proof = path.includes("/manifests/") && { "docker-content-digest": digest };
    response.writeHead(200, { "content-type": mediaType, "content-length": length, ...proof }).end();
  });
  const client = openTestRegistry(server.url.host, options);
  const repository = client.registry.repository("team/app");
  return {
    repository,
    asked: () => server.seen.map(({ method, path }) => `${method} ${path.replace("/v2/team/app/", "")}`),
    /** Says that an image is coming, and waits until that has been looked into. */
    async expectImage() {
      repository.expectImage?.();
      await new Promise((resolve) => setTimeout(resolve, 60));
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("a repository that the registry does not know", () => {
  it("is not asked for what is small, one by one", async () => {
    await using test = await destination(404);
    await test.expectImage();
    expect(await test.repository.hasBlob(small)).toBe(false);
    expect(await test.repository.resolve(digest)).toBeUndefined();
    expect(test.asked()).toEqual(["GET tags/list?n=1"]);
  });

  it("is not asked while it is about to be told", async () => {
    await using test = await destination(404);
    test.repository.expectImage?.();
    expect(await Promise.all([test.repository.resolve(digest), test.repository.hasBlob(small)])).toEqual([
      undefined,
      false,
    ]);
    expect(test.asked()).toEqual(["GET tags/list?n=1"]);
  });

  it("is asked for what is large: an earlier run may have brought it", async () => {
    await using test = await destination(404);
    await test.expectImage();
    expect(await test.repository.hasBlob(large)).toBe(true);
  });

  it("is asked for tags: somebody may put one at any time", async () => {
    await using test = await destination(404);
    await test.expectImage();
    expect(await test.repository.resolve("v1")).toMatchObject({ digest });
  });

  it("has what has been put there", async () => {
    await using test = await destination(404);
    await test.expectImage();
    await test.repository.pushManifest(manifest, digest);
    expect(await test.repository.resolve(digest)).toMatchObject({ digest });
    expect(await test.repository.hasBlob(small)).toBe(false);
  });

  it("is known as soon as it has a tag", async () => {
    await using test = await destination(404);
    await test.expectImage();
    await test.repository.pushManifest(manifest, "v1");
    expect(await test.repository.hasBlob(small)).toBe(true);
    await test.expectImage();
    expect(test.asked().filter((asked) => asked.includes("tags/list"))).toHaveLength(1);
  });
});

describe("whether the registry knows a repository", () => {
  it("is believed for a while: others may write to it", async () => {
    let lateMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + lateMs };
    await using test = await destination(404, { clock });
    await test.expectImage();
    expect(await test.repository.hasBlob(small)).toBe(false);
    lateMs = 61_000;
    expect(await test.repository.hasBlob(small)).toBe(true);
  });

  it.each([[200], [401], [403], [405], [500]] as const)("is not known by a %i", async (status) => {
    await using test = await destination(status);
    await test.expectImage();
    expect(await test.repository.hasBlob(small)).toBe(true);
    expect(await test.repository.resolve(digest)).toMatchObject({ digest });
  });

  it("is waited for no longer than a moment", async () => {
    await using test = await destination("never");
    test.repository.expectImage?.();
    expect(await test.repository.resolve(digest)).toMatchObject({ digest });
    expect(await test.repository.hasBlob(small)).toBe(true);
  });

  it("is not asked where that takes a right of its own", async () => {
    await using test = await destination(404, { tellsTags: false });
    await test.expectImage();
    expect(await test.repository.hasBlob(small)).toBe(true);
    expect(test.asked()).toEqual([`HEAD blobs/${small.digest}`]);
  });

  it("is asked once, however many images come", async () => {
    await using test = await destination(404);
    await Promise.all([test.expectImage(), test.expectImage()]);
    expect(test.asked()).toHaveLength(1);
  });
});
