import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { RegistryOptions } from "../../job/registry/registry.ts";
import { rejection } from "./everything.ts";
import { blobOf, bytesOf, collect, openTestRegistry, preemptive } from "./open-test-registry.ts";
import { type Received, registryErrors, type Step, scripted } from "./scripted-registry.ts";

const bytes = bytesOf(300_000);
const blob = blobOf(bytes);
const path = `/v2/team/app/blobs/${blob.digest}`;

async function against(steps: readonly Step[], options: Partial<RegistryOptions> = {}) {
  const server = await scripted(steps);
  const client = openTestRegistry(server.host, options);
  return {
    server,
    client,
    repository: client.registry.repository("team/app"),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      expect(server.problems()).toEqual([]);
    },
  };
}

const get = (reply: Step["reply"], at = path): Step => ({ method: "GET", path: at, reply });
const head = (reply: Step["reply"]): Step => ({ method: "HEAD", path, reply });

/** Announces `content` and breaks the connection after `until` bytes of it. */
function breakingAt(until: number, content = bytes, status = 200, headers = {}) {
  return (_: Received, response: ServerResponse) => {
    response.writeHead(status, { "content-length": content.length, ...headers });
    response.write(content.subarray(0, until), () => setTimeout(() => response.destroy(), 5));
    return undefined;
  };
}

function rangeFrom(start: number) {
  return {
    status: 206,
    headers: { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` },
    body: bytes.subarray(start),
  };
}

describe("hasBlob", () => {
  it.each([
    [200, true],
    [404, false],
  ])("takes one HEAD: %i is %s", async (status, expected) => {
    await using test = await against([head({ status, headers: { "content-length": String(blob.size) } })]);
    expect(await test.repository.hasBlob(blob)).toBe(expected);
  });

  it("does not take a blob of another size or digest for this one", async () => {
    const digest = blobOf(bytesOf(1)).digest;
    const smaller = head({ status: 200, headers: { "content-length": "7" } });
    const headers = { "content-length": String(blob.size), "docker-content-digest": digest };
    const other = head({ status: 200, headers });
    // Each is looked at twice: something on the way may have altered the first answer.
    await using test = await against([smaller, smaller, other, other]);
    expect(await rejection(test.repository.hasBlob(blob))).toMatchObject({ code: "SizeMismatch" });
    expect(await rejection(test.repository.hasBlob(blob))).toMatchObject({ code: "DigestMismatch" });
  });

  it("renews an expired token that only a GET tells of, and then needs no right to pull", async () => {
    const expired = registryErrors(
      "DENIED",
      "Your authorization token has expired. Reauthenticate and try again.",
    );
    await using test = await against(
      [
        head({ status: 403 }),
        get({ status: 403, body: expired }),
        get({
          status: 403,
          body: registryErrors("DENIED", "not authorized to perform ecr:GetDownloadUrlForLayer"),
        }),
        head({ status: 200 }),
      ],
      { credentials: preemptive("old", "new") },
    );
    expect(await test.repository.hasBlob(blob)).toBe(true);
    const sent = test.server.received.map(({ headers }) => headers.authorization);
    expect(sent[0]).toBe(sent[1]);
    expect(sent[2]).not.toBe(sent[1]);
    expect(sent[3]).toBe(sent[2]);
  });

  it("says what a GET says when the HEAD is refused for good", async () => {
    await using test = await against([
      head({ status: 403 }),
      get({ status: 403, body: registryErrors("DENIED", "not authorized to perform: ecr:BatchGetImage") }),
      head({ status: 403 }),
    ]);
    const error = await rejection(test.repository.hasBlob(blob));
    expect(error).toMatchObject({ code: "Denied" });
    expect(String(error)).toContain("ecr:BatchGetImage");
  });
});

describe.each([
  ["as every answer is read", {}],
  ["straight from the socket", { largeBlobBytes: 0 }],
])("fetchBlob, %s", (_, way: Partial<RegistryOptions>) => {
  const fetching = (steps: readonly Step[], options: Partial<RegistryOptions> = {}) =>
    against(steps, { ...way, ...options });

  it("gives the bytes as they are stored, and asks for no encoding", async () => {
    await using test = await fetching([get({ status: 200, body: bytes })]);
    expect((await collect(await test.repository.fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(test.server.received[0]?.headers["accept-encoding"]).toBe("identity");
    expect(test.server.received[0]?.headers.range).toBeUndefined();
  });

  it("reads an empty blob", async () => {
    const empty = blobOf(new Uint8Array());
    await using test = await fetching([get({ status: 200 }, `/v2/team/app/blobs/${empty.digest}`)]);
    expect((await collect(await test.repository.fetchBlob(empty))).length).toBe(0);
  });

  it("throws before the first byte when the blob is not there", async () => {
    await using test = await fetching([get({ status: 404, body: registryErrors("BLOB_UNKNOWN", "no") })]);
    expect(await rejection(test.repository.fetchBlob(blob))).toMatchObject({ code: "BlobUnknown" });
  });

  it("follows to the storage without Authorization, by a connection of its own", async () => {
    await using storage = await scripted([get({ status: 200, body: bytes }, "/signed?X-Amz-Signature=s")]);
    await using test = await fetching(
      [get({ status: 307, headers: { location: `${storage.url.origin}/signed?X-Amz-Signature=s` } })],
      { credentials: preemptive("secret") },
    );
    expect((await collect(await test.repository.fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(test.server.received[0]?.headers.authorization).toBeDefined();
    expect(storage.received[0]?.headers).not.toHaveProperty("authorization");
    expect(test.client.events.map(({ status, host }) => [status, host])).toEqual([
      [307, test.server.host],
      [200, storage.host],
    ]);
  });

  it("goes on where the connection broke", async () => {
    await using test = await fetching([get(breakingAt(100_000)), get(rangeFrom(100_000))]);
    expect((await collect(await test.repository.fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(test.server.received[1]?.headers.range).toBe("bytes=100000-");
  });

  it("skips what it has when the registry ignores the range", async () => {
    await using test = await fetching([
      get(breakingAt(100_000)),
      get(breakingAt(150_000)),
      get({ status: 200, body: bytes }),
    ]);
    expect((await collect(await test.repository.fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(test.server.received[2]?.headers.range).toBe("bytes=150000-");
  });

  it("goes on with the registry, not with a signed address that has run out", async () => {
    await using storage = await scripted([
      get(breakingAt(100_000), "/first"),
      get({ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }, "/stale"),
      get(rangeFrom(100_000), "/fresh"),
    ]);
    const to = (at: string) => get({ status: 307, headers: { location: `${storage.url.origin}${at}` } });
    await using test = await fetching([to("/first"), to("/stale"), to("/fresh")]);
    expect((await collect(await test.repository.fetchBlob(blob))).equals(bytes)).toBe(true);
    expect(storage.problems()).toEqual([]);
  });

  it("gives up when no attempt brings anything", async () => {
    await using test = await fetching(Array.from({ length: 4 }, () => get(breakingAt(0))));
    const error = await rejection(collect(await test.repository.fetchBlob(blob)));
    expect(error).toMatchObject({ code: "Network", temporary: true });
  });

  it("does not count attempts that brought a mebibyte", async () => {
    const large = bytesOf(8 * 1024 * 1024, 241);
    const piece = 1024 * 1024;
    const descriptor = blobOf(large);
    const steps = Array.from({ length: 8 }, (_, at) =>
      get(
        at === 0
          ? breakingAt(piece, large)
          : breakingAt(piece, large.subarray(at * piece), 206, {
              "content-range": `bytes ${at * piece}-${large.length - 1}/${large.length}`,
            }),
        `/v2/team/app/blobs/${descriptor.digest}`,
      ),
    );
    await using test = await fetching(steps);
    expect((await collect(await test.repository.fetchBlob(descriptor))).equals(large)).toBe(true);
  });

  it.each([
    ["another start", { "content-range": `bytes 0-${bytes.length - 1}/${bytes.length}` }],
    ["another size", { "content-range": "bytes 100000-399999/400000" }],
    ["no range", {}],
  ])("refuses a part with %s", async (_, headers) => {
    await using test = await fetching([
      get(breakingAt(100_000)),
      get({ status: 206, headers, body: bytes.subarray(100_000) }),
    ]);
    expect(await rejection(collect(await test.repository.fetchBlob(blob)))).toMatchObject({
      code: "InvalidResponse",
    });
  });

  it.each([
    ["SizeMismatch", 1, { status: 200, body: bytesOf(300_001) }],
    // Most often it was cut off on the way, and the next answer is whole.
    ["SizeMismatch", 4, { status: 200, body: bytesOf(299_999) }],
    ["InvalidResponse", 1, { status: 200, headers: { "content-encoding": "gzip" }, body: bytes }],
  ])("answers %s before any byte is given on", async (code, attempts, reply) => {
    await using test = await fetching(Array.from({ length: attempts }, () => get(reply)));
    expect(await rejection(test.repository.fetchBlob(blob))).toMatchObject({ code });
  });

  it("takes no more than was announced, and asks for the next blob by another connection", async () => {
    const length = `content-length: ${bytes.length}`;
    const more = get((_, { socket }) => {
      const parts = [
        `HTTP/1.1 200 OK\r\n${length}\r\n\r\n`,
        bytes,
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong",
      ];
      socket?.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
      return undefined;
    });
    await using test = await fetching([more, get({ status: 200, body: bytes })]);
    for (let round = 0; round < 2; round += 1)
      expect((await collect(await test.repository.fetchBlob(blob))).equals(bytes)).toBe(true);
  });

  it("stops at the first byte too many where no length is announced", async () => {
    const withoutLength = get((_, response) => {
      response.writeHead(200);
      response.end(bytesOf(900_000));
      return undefined;
    });
    // Whoever announces no length is asked once more, as everybody else is.
    const times = way.largeBlobBytes === 0 ? 2 : 1;
    await using test = await fetching(Array.from({ length: times }, () => withoutLength));
    const error = await rejection(collect(await test.repository.fetchBlob(blob)));
    expect(error).toMatchObject({ code: "SizeMismatch", temporary: false });
  });

  it("gives up a transfer that stands still, and goes on anew", async () => {
    const stalling = (_: Received, response: ServerResponse) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 100_000));
      const drip = setInterval(() => response.write("x".repeat(1)), 20);
      response.on("close", () => clearInterval(drip));
      return undefined;
    };
    // Not only the first time.
    await using test = await fetching([get(stalling), get(stalling), get({ status: 200, body: bytes })], {
      progressTimeoutMs: 200,
    });
    const content = await collect(await test.repository.fetchBlob(blob));
    expect(content.length).toBe(bytes.length);
    expect(test.server.received[1]?.headers.range).toMatch(/^bytes=1000\d\d-$/);
  });

  it("does not take its own reader's pauses for a stalled transfer", async () => {
    await using test = await fetching([get({ status: 200, body: bytes })], { progressTimeoutMs: 60 });
    let size = 0;
    for await (const chunk of await test.repository.fetchBlob(blob)) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 250));
      size += chunk.length;
    }
    expect(size).toBe(bytes.length);
  });

  it("ends the transfer when the reader stops, or never starts", async () => {
    const closed: Promise<void>[] = [];
    const endless = (_: Received, response: ServerResponse) => {
      closed.push(new Promise((resolve) => response.on("close", () => resolve())));
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 280_000));
      return undefined;
    };
    await using test = await fetching([get(endless), get(endless)]);
    for await (const _ of await test.repository.fetchBlob(blob)) break;
    const unread = await test.repository.fetchBlob(blob);
    await unread[Symbol.asyncIterator]().return?.();
    await Promise.all(closed);
    expect(closed).toHaveLength(2);
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    await using test = await fetching([
      get((_, response) => {
        response.writeHead(200, { "content-length": bytes.length });
        response.write(bytes.subarray(0, 1000), () => stop.abort(new Error("stopped")));
        return undefined;
      }),
    ]);
    const reading = async () => collect(await test.repository.fetchBlob(blob, { signal: stop.signal }));
    expect(String(await rejection(reading()))).toBe("Error: stopped");
  });
});
