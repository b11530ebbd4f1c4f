import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { request } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import { hugeImage, image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { beginUpload, openRegistry, type Registry, readAnswer, sha256 } from "./registry-client.ts";

let opened: Registry | undefined;
afterEach(async () => {
  await opened?.[Symbol.asyncDispose]();
  opened = undefined;
});

async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await request(url, { headers });
  return readAnswer(answer.statusCode, answer.headers, Buffer.from(await answer.body.arrayBuffer()));
}

/** Where the registry sends who asks for the image's layer. */
async function redirected(options: EmulatorOptions = {}) {
  opened = await openRegistry(options);
  const { blobs } = placeImage(opened.repository, image());
  const layer = blobs[1];
  if (layer === undefined) throw new Error("The image has no layer");
  const answer = await opened.ask("GET", `/v2/app/blobs/${layer.digest}`);
  return { registry: opened, layer, location: String(answer.headers.location) };
}

describe("the storage origin", () => {
  it("is another origin, and serves the blob", async () => {
    const { registry, layer, location } = await redirected();
    expect(new URL(location).origin).toBe(registry.emulator.storage.url);
    expect(registry.emulator.storage.url).not.toBe(registry.emulator.url);
    expect(location).toMatch(/X-Amz-Expires=3600.*X-Amz-Signature=[0-9a-f]{64}/);
    const answer = await get(location);
    expect(answer.status).toBe(200);
    expect(sha256(answer.bytes)).toBe(layer.digest);
  });

  it("refuses any Authorization beside the signature", async () => {
    const { registry, location } = await redirected();
    const answer = await get(location, { authorization: registry.authorization });
    expect(answer).toMatchObject({ status: 400, headers: { "content-type": "application/xml" } });
    expect(answer.text).toContain("<Code>InvalidArgument</Code>");
    expect(answer.text).toContain("Only one auth mechanism allowed");
  });

  it("serves ranges", async () => {
    const { layer, location } = await redirected();
    const whole = await get(location);
    const answer = await get(location, { range: "bytes=10-" });
    expect(answer).toMatchObject({
      status: 206,
      headers: { "content-range": `bytes 10-${layer.size - 1}/${layer.size}` },
    });
    expect(answer.bytes).toEqual(whole.bytes.subarray(10));
    expect((await get(location, { range: `bytes=${layer.size}-` })).status).toBe(416);
  });

  it("answers 403 in XML once the address has expired", async () => {
    let now = Date.now();
    const { registry, location } = await redirected({
      clock: { now: () => now },
      storageUrlLifetimeMs: 5_000,
    });
    now += 6_000;
    const answer = await get(location);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain("<Message>Request has expired</Message>");
    expect(registry.emulator.requests.at(-1)).toMatchObject({ kind: "storage", status: 403 });
  });

  it.each([
    ["without a signature", (url: URL) => url.searchParams.delete("X-Amz-Signature"), "AccessDenied"],
    [
      "with another's",
      (url: URL) => url.searchParams.set("X-Amz-Signature", "0".repeat(64)),
      "SignatureDoesNotMatch",
    ],
    [
      "with a longer life",
      (url: URL) => url.searchParams.set("X-Amz-Expires", "999999"),
      "SignatureDoesNotMatch",
    ],
  ])("answers 403 %s", async (_, change, code) => {
    const url = new URL((await redirected()).location);
    change(url);
    const answer = await get(url.href);
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining(`<Code>${code}</Code>`) });
  });
});

describe("large layers", () => {
  const size = 3 * 1024 * 1024 + 17;

  it("are made as they are read, whole and in ranges", async () => {
    opened = await openRegistry({ mode: "strict" });
    const fixture = placeImage(opened.repository, hugeImage(size, { seed: 7 }));
    const layer = fixture.blobs[1];
    expect(layer?.content.kind).toBe("synthetic");
    const path = `/v2/app/blobs/${layer?.digest}`;
    const whole = await opened.ask("GET", path);
    expect(sha256(whole.bytes)).toBe(layer?.digest);
    const range = "bytes=1048570-2097160";
    const some = await opened.ask("GET", path, { headers: { range } });
    expect(some.bytes.equals(whole.bytes.subarray(1048570, 2097161))).toBe(true);
    expect(hugeImage(size, { seed: 8 }).descriptor.digest).not.toBe(fixture.descriptor.digest);
  });

  it("pass through without memory when they are discarded", async () => {
    opened = await openRegistry({ discardBlobsAboveBytes: 1024 });
    const location = await beginUpload(opened);
    const chunk = Buffer.alloc(1024 * 1024, "z");
    const chunks = 512;
    const hash = createHash("sha256");
    let peak = 0;
    async function* stream() {
      for (let count = 0; count < chunks; count += 1) {
        hash.update(chunk);
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
        yield chunk;
      }
    }
    const { authorization } = opened;
    const before = process.memoryUsage().arrayBuffers;
    const patched = await request(new URL(location, opened.url), {
      method: "PATCH",
      headers: { authorization },
      body: Readable.from(stream()),
    });
    await patched.body.dump();
    const digest = `sha256:${hash.digest("hex")}` as const;
    expect((await opened.ask("PUT", `${location}?digest=${digest}`)).status).toBe(201);
    expect(opened.repository.blobs.get(digest)?.size).toBe(chunks * chunk.length);
    // Half of the stream: what is under way is far less, but nobody knows when the garbage is collected.
    expect(peak - before).toBeLessThan((chunks * chunk.length) / 2);
  });
});
