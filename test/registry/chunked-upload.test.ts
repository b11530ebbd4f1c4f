import { describe, expect, it } from "vitest";
import { rejection } from "./everything.ts";
import { blobOf, bytesOf, openTestRegistry, preemptive, streamOf } from "./open-test-registry.ts";
import { registryErrors, type Step, scripted } from "./scripted-registry.ts";

const chunk = 5 * 1024 * 1024;
const bytes = bytesOf(2 * chunk + 1000, 239);
const blob = blobOf(bytes);
const uploads = "/v2/team/app/blobs/uploads/";
const last = bytes.length - 1;

const begin = (session: string, headers = {}): Step => ({
  method: "POST",
  path: uploads,
  reply: { status: 202, headers: { location: `${uploads}${session}`, ...headers } },
});
const commit = (session: string, reply: Step["reply"] = { status: 201 }): Step => ({
  method: "PUT",
  path: `${uploads}${session}?digest=${encodeURIComponent(blob.digest)}`,
  reply,
});
const patch = (session: string, next: string, status = 202, headers = {}): Step => ({
  method: "PATCH",
  path: `${uploads}${session}`,
  reply: { status, headers: { location: `${uploads}${next}`, ...headers } },
});
const cancel = (session: string): Step => ({
  method: "DELETE",
  path: `${uploads}${session}`,
  reply: { status: 204 },
});
const missing: Step = { method: "HEAD", path: `/v2/team/app/blobs/${blob.digest}`, reply: { status: 404 } };
const tooLarge: Step[] = [
  begin("w"),
  commit("w", { status: 413, body: "<html><title>413 Request Entity Too Large</title>" }),
  cancel("w"),
  missing,
];

/** The ranges of the chunks that were sent, and whether together they are the blob. */
function sent(received: readonly { method: string; headers: Record<string, unknown>; body: Buffer }[]) {
  const patches = received.filter(({ method }) => method === "PATCH");
  return {
    ranges: patches.map(({ headers }) => headers["content-range"]),
    whole: Buffer.concat(patches.map(({ body }) => body)).equals(bytes),
  };
}

async function push(steps: readonly Step[], credentials = preemptive("one")) {
  const server = await scripted(steps);
  await using client = openTestRegistry(server.host, { uploadChunkBytes: 1, credentials });
  const counted: number[] = [];
  const work = client.registry
    .repository("team/app")
    .pushBlob(blob, async () => streamOf(bytes), { onBytes: (count) => counted.push(count) });
  const result = await work.catch((error: unknown) => error);
  await server[Symbol.asyncDispose]();
  expect(server.problems()).toEqual([]);
  return { result, received: server.received, counted: counted.reduce((sum, count) => sum + count, 0) };
}

describe("sending in chunks", () => {
  it.each([201, 202, 204])("follows a proxy that takes no whole blob; %i for a chunk", async (status) => {
    // The Range of later chunks is stale, as ECR's is.
    const stale = { range: `0-${chunk - 1}` };
    const { result, received, counted } = await push([
      ...tooLarge,
      begin("a"),
      patch("a", "b", status, stale),
      patch("b", "c", status, stale),
      patch("c", "d", status, stale),
      commit("d"),
    ]);
    expect(result).toBe("sent");
    expect(sent(received)).toEqual({
      ranges: [`0-${chunk - 1}`, `${chunk}-${2 * chunk - 1}`, `${2 * chunk}-${last}`],
      whole: true,
    });
    expect(counted).toBe(bytes.length);
  });

  it("follows two connections that broke", async () => {
    const breaking: Step = {
      ...commit("w"),
      early: (request) => {
        request.on("error", () => undefined).once("data", () => request.socket.destroy());
      },
    };
    const broken = [begin("w"), breaking, cancel("w"), missing];
    const { result } = await push([
      ...broken,
      ...broken,
      begin("a"),
      patch("a", "a"),
      patch("a", "a"),
      patch("a", "a"),
      commit("a"),
    ]);
    expect(result).toBe("sent");
  });

  it("sends no chunk smaller than the registry asks for", async () => {
    const { result, received } = await push([
      ...tooLarge,
      begin("a", { "oci-chunk-min-length": String(2 * chunk) }),
      patch("a", "a"),
      patch("a", "a"),
      commit("a"),
    ]);
    expect(result).toBe("sent");
    expect(sent(received).ranges).toEqual([`0-${2 * chunk - 1}`, `${2 * chunk}-${last}`]);
  });

  it("keeps the location where an answer names none", async () => {
    const silent: Step = { method: "PATCH", path: `${uploads}a`, reply: { status: 202 } };
    const { result } = await push([...tooLarge, begin("a"), silent, silent, silent, commit("a")]);
    expect(result).toBe("sent");
  });

  const lost: Step = {
    method: "PATCH",
    path: `${uploads}b`,
    reply: (_, response) => {
      response.destroy();
      return undefined;
    },
  };
  const status = (range: string | undefined, next = "s"): Step => ({
    method: "GET",
    path: `${uploads}b`,
    reply: {
      status: 204,
      headers: { location: `${uploads}${next}`, ...(range !== undefined && { range }) },
    },
  });

  it("does not send a chunk again that arrived while its answer was lost", async () => {
    const { result, received } = await push([
      ...tooLarge,
      begin("a"),
      patch("a", "b"),
      lost,
      status(`0-${2 * chunk - 1}`),
      patch("s", "c"),
      commit("c"),
    ]);
    expect(result).toBe("sent");
    expect(sent(received).whole).toBe(true);
  });

  it("sends a chunk again that did not arrive, at its own place", async () => {
    const { result, received } = await push([
      ...tooLarge,
      begin("a"),
      patch("a", "b"),
      lost,
      status(`0-${chunk - 1}`),
      patch("s", "c"),
      patch("c", "d"),
      commit("d"),
    ]);
    expect(result).toBe("sent");
    expect(sent(received).ranges).toEqual([
      `0-${chunk - 1}`,
      `${chunk}-${2 * chunk - 1}`,
      `${chunk}-${2 * chunk - 1}`,
      `${2 * chunk}-${last}`,
    ]);
  });

  it("sends what is left of a chunk where the registry kept its beginning", async () => {
    const { result, received, counted } = await push([
      ...tooLarge,
      begin("a"),
      patch("a", "b"),
      lost,
      status(`0-${chunk + 99}`),
      patch("s", "c"),
      patch("c", "d"),
      commit("d"),
    ]);
    expect(result).toBe("sent");
    expect(sent(received).ranges).toEqual([
      `0-${chunk - 1}`,
      `${chunk}-${2 * chunk - 1}`,
      `${chunk + 100}-${2 * chunk - 1}`,
      `${2 * chunk}-${last}`,
    ]);
    const rest = received.filter(({ method }) => method === "PATCH")[2];
    expect(rest?.body.equals(bytes.subarray(chunk + 100, 2 * chunk))).toBe(true);
    expect(counted).toBe(bytes.length);
  });

  it("sends a chunk again to a registry whose position is stale, as ECR's is", async () => {
    const { result, received } = await push([
      ...tooLarge,
      begin("a"),
      patch("a", "z"),
      patch("z", "b"),
      lost,
      status(`0-${chunk - 1}`),
      patch("s", "d"),
      commit("d"),
    ]);
    expect(result).toBe("sent");
    const { ranges } = sent(received);
    expect(ranges.slice(2)).toEqual([`${2 * chunk}-${last}`, `${2 * chunk}-${last}`]);
  });

  it("takes a position of 0-0 for nothing", async () => {
    const { result, received } = await push([
      ...tooLarge,
      begin("b"),
      lost,
      status("0-0"),
      patch("s", "c"),
      patch("c", "d"),
      patch("d", "e"),
      commit("e"),
    ]);
    expect(result).toBe("sent");
    expect(sent(received).ranges.slice(0, 2)).toEqual([`0-${chunk - 1}`, `0-${chunk - 1}`]);
  });

  it.each([
    ["is out of step", [status(`0-${chunk + 99}`)]],
    ["does not tell", [{ ...status(undefined), reply: { status: 404 } }]],
  ])("begins a new upload where the registry %s", async (_, told) => {
    const refused: Step = {
      method: "PATCH",
      path: `${uploads}b`,
      reply: {
        status: 416,
        body: registryErrors("BLOB_UPLOAD_INVALID", "First byte of the layer part is 0 instead of N"),
      },
    };
    const { result, received } = await push([
      ...tooLarge,
      begin("a"),
      patch("a", "b"),
      refused,
      ...told,
      cancel("a"),
      missing,
      begin("n"),
      patch("n", "n"),
      patch("n", "n"),
      patch("n", "n"),
      commit("n"),
    ]);
    expect(result).toBe("sent");
    // Never from the first byte into an upload that has some.
    expect(sent(received).ranges.filter((range) => range === `0-${chunk - 1}`)).toHaveLength(2);
  });

  it("goes on with the same chunk when the token has expired", async () => {
    const expired: Step = {
      method: "PATCH",
      path: `${uploads}b`,
      reply: { status: 403, body: registryErrors("DENIED", "Your authorization token has expired.") },
    };
    const { result, received } = await push(
      [...tooLarge, begin("a"), patch("a", "b"), expired, patch("b", "c"), patch("c", "d"), commit("d")],
      preemptive("old", "new"),
    );
    expect(result).toBe("sent");
    const tokens = received
      .filter(({ method }) => method === "PATCH")
      .map(({ headers }) => headers.authorization);
    expect(tokens[1]).toBe(tokens[0]);
    expect(tokens[2]).not.toBe(tokens[1]);
  });

  it("commits nothing that is wrong", async () => {
    await using server = await scripted([
      ...tooLarge,
      ...["a", "b"]
        .flatMap((at) => [begin(at), patch(at, at), patch(at, at), cancel(at), missing])
        .slice(0, -1),
    ]);
    await using client = openTestRegistry(server.host, { uploadChunkBytes: 1 });
    const wrong = Uint8Array.from(bytes);
    wrong[last] = (wrong[last] ?? 0) ^ 1;
    const contents = [bytes, wrong, wrong];
    const open = async () => streamOf(contents.shift() ?? bytes);
    expect(await rejection(client.registry.repository("team/app").pushBlob(blob, open))).toMatchObject({
      code: "DigestMismatch",
    });
    expect(server.problems()).toEqual([]);
  });
});
