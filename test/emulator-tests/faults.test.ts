import { Readable } from "node:stream";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StoredBlob } from "../emulator/blob.ts";
import type { FaultEffect } from "../emulator/faults.ts";
import { image, index } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import {
  beginUpload,
  openRegistry,
  pushManifest,
  type Registry,
  readAnswer,
  sha256,
} from "./registry-client.ts";

let registry: Registry;
let layer: StoredBlob;
let blobPath: string;
let content: Buffer;

beforeEach(async () => {
  registry = await openRegistry({ blobRedirect: false });
  const { blobs } = placeImage(registry.repository, image({ layers: [20_000] }), { tags: ["v1"] });
  const [, placed] = blobs;
  if (placed === undefined) throw new Error("The image has no layer");
  layer = placed;
  blobPath = `/v2/app/blobs/${layer.digest}`;
  content = (await registry.ask("GET", blobPath)).bytes;
  registry.emulator.clearRequests();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

function inject(effect: FaultEffect) {
  return registry.emulator.faults.add({}, effect);
}

/** Reads the blob as far as it comes. */
async function readUntilBroken(): Promise<{ bytes: Buffer; error: unknown }> {
  const chunks: Buffer[] = [];
  try {
    const { authorization } = registry;
    const answer = await request(new URL(blobPath, registry.url), { headers: { authorization } });
    for await (const chunk of answer.body) chunks.push(Buffer.from(chunk));
    return { bytes: Buffer.concat(chunks), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error };
  }
}

describe("answers in place of the registry's", () => {
  it.each<[FaultEffect, object]>([
    [
      { do: "status", status: 503, headers: { "retry-after": "2" } },
      { status: 503, headers: { "retry-after": "2" }, text: "" },
    ],
    [
      { do: "status", status: 500, body: "sorry" },
      { status: 500, text: "sorry" },
    ],
    [
      { do: "status", status: 429, body: { errors: [{ code: "TOOMANYREQUESTS" }] } },
      { status: 429, code: "TOOMANYREQUESTS" },
    ],
    [{ do: "empty-403" }, { status: 403, text: "", headers: { "content-length": "0" } }],
    [
      { do: "html" },
      { status: 502, headers: { "content-type": "text/html" }, text: expect.stringContaining("<html>") },
    ],
    [
      { do: "html", status: 200 },
      { status: 200, text: expect.stringContaining("<html>") },
    ],
    [
      { do: "redirect", to: "http://169.254.169.254/" },
      { status: 307, headers: { location: "http://169.254.169.254/" } },
    ],
    [{ do: "redirect-loop" }, { status: 307, headers: { location: "/v2/app/manifests/v1" } }],
    [{ do: "expired-token" }, { status: 403, code: "DENIED", text: expect.stringContaining("has expired") }],
  ])("%j", async (effect, expected) => {
    inject(effect);
    expect(await registry.ask("GET", "/v2/app/manifests/v1")).toMatchObject(expected);
    expect(registry.emulator.requests.at(-1)?.faults).toEqual([effect.do]);
  });
});

describe("answers that are not what they should be", () => {
  it("truncate ends early under an honest length", async () => {
    inject({ do: "truncate", bytes: 100 });
    const answer = await registry.ask("GET", blobPath);
    expect(answer.headers["content-length"]).toBe("100");
    expect(answer.bytes.equals(content.subarray(0, 100))).toBe(true);
  });

  it("extend goes on after the end", async () => {
    inject({ do: "extend", bytes: 5 });
    const answer = await registry.ask("GET", blobPath);
    expect(answer.bytes.equals(Buffer.concat([content, Buffer.alloc(5)]))).toBe(true);
  });

  it("flip-byte changes one byte", async () => {
    inject({ do: "flip-byte", at: 1234 });
    const { bytes } = await registry.ask("GET", blobPath);
    const differing = [...bytes.keys()].filter((at) => bytes[at] !== content[at]);
    expect(bytes.length).toBe(content.length);
    expect(differing).toEqual([1234]);
  });

  it("digest-header and media-type lie", async () => {
    inject({ do: "digest-header", digest: sha256("a lie") });
    inject({ do: "media-type", mediaType: "text/plain" });
    const answer = await registry.ask("HEAD", "/v2/app/manifests/v1");
    expect(answer.headers).toMatchObject({
      "docker-content-digest": sha256("a lie"),
      "content-type": "text/plain",
    });
  });

  it("missing-location leaves the upload without an address", async () => {
    inject({ do: "missing-location" });
    const answer = await registry.ask("POST", "/v2/app/blobs/uploads/");
    expect(answer.status).toBe(202);
    expect(answer.headers).not.toHaveProperty("location");
  });

  it("ignore-range sends the whole", async () => {
    inject({ do: "ignore-range" });
    const answer = await registry.ask("GET", blobPath, { headers: { range: "bytes=5-" } });
    expect(answer.status).toBe(200);
    expect(answer.bytes.equals(content)).toBe(true);
  });

  it("slice sends the same bytes in small pieces", async () => {
    inject({ do: "slice", bytes: 1_000 });
    expect((await registry.ask("GET", blobPath)).bytes.equals(content)).toBe(true);
  });
});

describe("broken connections", () => {
  it.each<FaultEffect>([
    { do: "reset", when: "before" },
    { do: "reset", when: "after-headers" },
  ])("%j", async (effect) => {
    inject(effect);
    const { bytes, error } = await readUntilBroken();
    expect(bytes.length).toBe(0);
    expect(error).toMatchObject({ code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
    expect(registry.emulator.requests.at(-1)?.status).toBe(
      effect.do === "reset" && effect.when === "before" ? 0 : 200,
    );
  });

  it("reset-after-response-bytes delivers so many and no more", async () => {
    inject({ do: "reset-after-response-bytes", bytes: 777 });
    const { bytes, error } = await readUntilBroken();
    expect(error).toBeInstanceOf(Error);
    expect(bytes.equals(content.subarray(0, 777))).toBe(true);
    expect(registry.emulator.requests.at(-1)?.bytesOut).toBe(777);
  });

  it("reset-after-request-bytes takes so many and no more", async () => {
    const location = await beginUpload(registry);
    inject({ do: "reset-after-request-bytes", bytes: 70_000 });
    const push = request(new URL(location, registry.url), {
      method: "PATCH",
      headers: { authorization: registry.authorization },
      body: Readable.from([Buffer.alloc(50_000), Buffer.alloc(50_000), Buffer.alloc(1_000_000)]),
    });
    await expect(push).rejects.toThrow();
    expect(registry.emulator.requests.at(-1)).toMatchObject({ kind: "upload-part", bytesIn: 70_000 });
  });

  it("drop-response has done the work", async () => {
    const fault = inject({ do: "drop-response" });
    const { manifests } = image({ layers: [20_000] });
    const [manifest] = manifests;
    if (manifest === undefined) throw new Error("no manifest");
    await expect(pushManifest(registry, "v2", manifest)).rejects.toThrow();
    expect(registry.repository.imageTags.has("v2")).toBe(true);
    expect(fault.met).toBe(1);
  });
});

describe("time", () => {
  it("withhold-response has done the work, and never says so", async () => {
    inject({ do: "withhold-response" });
    const { manifests } = image({ layers: [20_000] });
    const [manifest] = manifests;
    if (manifest === undefined) throw new Error("no manifest");
    let answered = false;
    const push = pushManifest(registry, "v2", manifest).finally(() => {
      answered = true;
    });
    push.catch(() => undefined);
    await vi.waitFor(() => expect(registry.repository.imageTags.has("v2")).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(answered).toBe(false);
  });

  it("delay answers later", async () => {
    inject({ do: "delay", ms: 60 });
    const before = performance.now();
    await registry.ask("HEAD", blobPath);
    expect(performance.now() - before).toBeGreaterThanOrEqual(58);
  });

  it("slow sends no faster than it says", async () => {
    inject({ do: "slow", bytesPerSecond: 100_000 });
    const before = performance.now();
    expect((await registry.ask("GET", blobPath)).bytes.equals(content)).toBe(true);
    expect(performance.now() - before).toBeGreaterThan((1000 * content.length) / 100_000 - 50);
  });

  it.each([undefined, 500])("stall never ends (after %s bytes)", async (afterBytes) => {
    inject({ do: "stall", ...(afterBytes !== undefined && { afterBytes }) });
    const { authorization } = registry;
    const signal = AbortSignal.timeout(400);
    const received: Buffer[] = [];
    const reading = (async () => {
      const answer = await request(new URL(blobPath, registry.url), { headers: { authorization }, signal });
      for await (const chunk of answer.body) received.push(Buffer.from(chunk));
    })();
    await expect(reading).rejects.toThrow(/abort|timeout/i);
    expect(Buffer.concat(received).equals(content.subarray(0, afterBytes ?? 0))).toBe(true);
  });

  it("a stalled request does not keep the emulator from ending", async () => {
    inject({ do: "stall" });
    const asked = registry.ask("HEAD", blobPath).catch((error: unknown) => error);
    await expect.poll(() => registry.emulator.requests.length).toBe(1);
    await registry.emulator[Symbol.asyncDispose]();
    expect(await asked).toBeInstanceOf(Error);
  });
});

describe("phantom manifests", () => {
  it("are claimed until they are there, and the index is refused", async () => {
    registry.emulator.faults.add({ kind: "manifest-head" }, { do: "phantom-manifest" });
    const child = image({ seed: 9 });
    const family = index([child]);
    const root = family.manifests.at(-1);
    const { digest } = child.descriptor;
    if (root === undefined) throw new Error("no index");
    const head = await registry.ask("HEAD", `/v2/app/manifests/${digest}`);
    expect(head).toMatchObject({ status: 200, headers: { "docker-content-digest": digest } });
    expect(await pushManifest(registry, "family", root)).toMatchObject({
      status: 404,
      code: "MANIFEST_BLOB_UNKNOWN",
    });
    placeImage(registry.repository, child);
    const real = await registry.ask("HEAD", `/v2/app/manifests/${digest}`);
    expect(real.headers["content-length"]).toBe(String(child.descriptor.size));
    expect((await pushManifest(registry, "family", root)).status).toBe(201);
  });
});

describe("which requests are met", () => {
  const status = async (method: string, path: string) => (await registry.ask(method, path)).status;
  const teapot = { do: "status", status: 418 } as const;

  it.each<[object, boolean]>([
    [{ method: "GET" }, true],
    [{ method: "PUT" }, false],
    [{ path: /manifests\/v1$/ }, true],
    [{ path: /manifests\/v2$/ }, false],
    [{ kind: "manifest-get" }, true],
    [{ kind: ["blob-get", "manifest-get"] }, true],
    [{ kind: "blob-get" }, false],
    [{ repository: "app" }, true],
    [{ repository: "other" }, false],
    [{ account: "222222222222" }, false],
    [{ method: "GET", repository: "other" }, false],
  ])("%o: %s", async (match, met) => {
    registry.emulator.faults.add(match, teapot);
    expect(await status("GET", "/v2/app/manifests/v1")).toBe(met ? 418 : 200);
  });

  it("are counted: the nth, so many times", async () => {
    const fault = registry.emulator.faults.add({ kind: "manifest-get", nth: 2, times: 2 }, teapot);
    const answers = [];
    for (let count = 0; count < 5; count += 1) {
      answers.push(await status("GET", "/v2/app/manifests/v1"));
      await status("HEAD", blobPath);
    }
    expect(answers).toEqual([200, 418, 418, 200, 200]);
    expect(fault.met).toBe(2);
  });

  it("are drawn from the seed", async () => {
    const draw = async (seed: number) => {
      registry.emulator.faults.clear();
      registry.emulator.faults.add({ probability: 0.5, seed }, teapot);
      const answers = [];
      for (let count = 0; count < 30; count += 1) answers.push(await status("HEAD", blobPath));
      return answers;
    };
    const first = await draw(42);
    expect(new Set(first)).toEqual(new Set([200, 418]));
    expect(await draw(42)).toEqual(first);
    expect(await draw(43)).not.toEqual(first);
  });

  it("are none after remove and clear", async () => {
    const fault = inject(teapot);
    inject({ do: "delay", ms: 1 });
    expect(await status("HEAD", blobPath)).toBe(418);
    fault.remove();
    expect(await status("HEAD", blobPath)).toBe(200);
    expect(registry.emulator.requests.at(-1)?.faults).toEqual(["delay"]);
    registry.emulator.faults.clear();
    await status("HEAD", blobPath);
    expect(registry.emulator.requests.at(-1)?.faults).toEqual([]);
  });

  it("may be those of the storage", async () => {
    await registry[Symbol.asyncDispose]();
    registry = await openRegistry();
    placeImage(registry.repository, image({ layers: [20_000] }));
    const { headers } = await registry.ask("GET", blobPath);
    registry.emulator.faults.add({ kind: "storage" }, { do: "truncate", bytes: 10 });
    const answer = await request(String(headers.location));
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    expect(readAnswer(answer.statusCode, answer.headers, bytes).bytes.length).toBe(10);
  });
});

it("takes no connections for ever, until its faults are cleared", async () => {
  const { emulator } = registry;
  emulator.faults.add({ times: 1 }, { do: "refuse" });
  await expect(request(registry.url)).rejects.toThrow();
  await expect(request(registry.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await emulator.clearFaults();
  const answer = await request(registry.url);
  await answer.body.dump();
  expect(answer.statusCode).toBeGreaterThanOrEqual(200);
});
