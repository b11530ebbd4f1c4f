import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import type { RegistryOptions } from "../../job/registry/registry.ts";
import { rejection } from "./everything.ts";
import { blobOf, bytesOf, openTestRegistry, preemptive, streamOf } from "./open-test-registry.ts";
import { registryErrors, type Step, scripted } from "./scripted-registry.ts";

const bytes = bytesOf(300_000);
const blob = blobOf(bytes);
const uploads = "/v2/team/app/blobs/uploads/";
const commit = (session: string) => `${uploads}${session}&digest=${encodeURIComponent(blob.digest)}`;

const begin = (session: string, path = uploads): Step => ({
  method: "POST",
  path,
  reply: { status: 202, headers: { location: `${uploads}${session}` } },
});
const put = (session: string, reply: Step["reply"] = { status: 201 }): Step => ({
  method: "PUT",
  path: commit(session),
  reply,
});
const has = (status: number): Step => ({
  method: "HEAD",
  path: `/v2/team/app/blobs/${blob.digest}`,
  reply: { status },
});
const cancel = (session: string, status = 204): Step => ({
  method: "DELETE",
  path: `${uploads}${session}`,
  reply: { status },
});
/** Takes some bytes, then breaks the connection. */
const breaking = (session: string): Step => ({
  method: "PUT",
  path: commit(session),
  reply: { status: 500 },
  early: (request) => {
    request.once("data", () => request.socket.destroy());
    request.on("error", () => undefined);
  },
});

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

function countedSource(content = bytes) {
  const source = {
    opened: 0,
    closed: 0,
    open: async () => {
      source.opened += 1;
      return (async function* () {
        try {
          yield* streamOf(content);
        } finally {
          source.closed += 1;
        }
      })();
    },
  };
  return source;
}

describe("pushBlob", () => {
  it("takes two requests", async () => {
    await using test = await against([begin("1?s=a%2Fb"), put("1?s=a%2Fb")]);
    const counted: number[] = [];
    const source = countedSource();
    const onBytes = (count: number) => counted.push(count);
    expect(await test.repository.pushBlob(blob, source.open, { onBytes })).toBe("sent");
    const [post, sent] = test.server.received;
    expect(post?.headers["content-length"]).toBe("0");
    expect(sent?.body.equals(bytes)).toBe(true);
    expect(sent?.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": String(bytes.length),
    });
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(bytes.length);
    expect(source).toMatchObject({ opened: 1, closed: 1 });
  });

  it.each([
    ["relative, without a query", `${uploads}1`, `${uploads}1?digest=`],
    ["relative to the request", "1?state=x%3D", `${uploads}1?state=x%3D&digest=`],
    ["elsewhere on the registry", "/opaque/upload?a&b=%20", "/opaque/upload?a&b=%20&digest="],
  ])("keeps a location as it is: %s", async (_, location, expected) => {
    const address = `${expected}${encodeURIComponent(blob.digest)}`;
    await using test = await against([
      { method: "POST", path: uploads, reply: { status: 202, headers: { location } } },
      { method: "PUT", path: address, reply: { status: 201 } },
    ]);
    await test.repository.pushBlob(blob, countedSource().open);
  });

  it("maps locations under the registry's name back to the endpoint, and keeps its name in Host", async () => {
    const location = "http://registry.example/v2/team/app/blobs/uploads/1?a=b";
    await using server = await scripted([
      { method: "POST", path: uploads, reply: { status: 202, headers: { location } } },
      put("1?a=b"),
    ]);
    await using client = openTestRegistry("registry.example", { endpoint: server.url });
    await client.registry.repository("team/app").pushBlob(blob, countedSource().open);
    expect(server.received.map(({ headers }) => headers.host)).toEqual([
      "registry.example",
      "registry.example",
    ]);
  });

  it.each(["http://127.0.0.1:1/x", "https://other.example/x", "//other.example/x"])(
    "sends nothing to %s",
    async (location) => {
      await using test = await against([
        { method: "POST", path: uploads, reply: { status: 202, headers: { location } } },
      ]);
      const source = countedSource();
      expect(await rejection(test.repository.pushBlob(blob, source.open))).toMatchObject({
        code: "RedirectRefused",
      });
    },
  );

  it("names the algorithm of sha512, and proves it", async () => {
    const long = blobOf(bytes, "sha512");
    await using test = await against([
      begin("1?x", `${uploads}?digest-algorithm=sha512`),
      {
        method: "PUT",
        path: `${uploads}1?x&digest=${encodeURIComponent(long.digest)}`,
        reply: { status: 201 },
      },
    ]);
    expect(await test.repository.pushBlob(long, countedSource().open)).toBe("sent");
  });

  it("sends an empty blob, and proves that it is empty", async () => {
    const empty = blobOf(new Uint8Array());
    const path = `${uploads}1?x&digest=${encodeURIComponent(empty.digest)}`;
    await using test = await against([begin("1?x"), { method: "PUT", path, reply: { status: 201 } }]);
    expect(await test.repository.pushBlob(empty, async () => streamOf(new Uint8Array()))).toBe("sent");
    expect(test.server.received[1]?.headers["content-length"]).toBe("0");
  });

  it("does not take an upload without a location, nor a commit that names another blob or is none", async () => {
    const { digest } = blobOf(bytesOf(3));
    await using test = await against(
      [
        { method: "POST", path: uploads, reply: { status: 202 } },
        begin("1?x"),
        put("1?x", { status: 201, headers: { "docker-content-digest": digest } }),
        cancel("1?x"),
        begin("2?x"),
        put("2?x", { status: 202 }),
        cancel("2?x"),
      ],
      { retry: { attempts: 1 } },
    );
    const push = () => rejection(test.repository.pushBlob(blob, countedSource().open));
    expect(await push()).toMatchObject({ code: "InvalidResponse" });
    expect(await push()).toMatchObject({ code: "DigestMismatch" });
    expect(await push()).toMatchObject({ code: "InvalidResponse" });
  });
});

describe("mounting", () => {
  const mount = `${uploads}?mount=${encodeURIComponent(blob.digest)}&from=team%2Fbase`;

  it("opens no source when the registry mounts", async () => {
    await using test = await against([{ method: "POST", path: mount, reply: { status: 201 } }]);
    const source = countedSource();
    expect(await test.repository.pushBlob(blob, source.open, { mountFrom: "team/base" })).toBe("mounted");
    expect(source.opened).toBe(0);
  });

  it("goes on with the upload that a declined mount has opened", async () => {
    await using test = await against([begin("1?x", mount), has(404), put("1?x")]);
    expect(await test.repository.pushBlob(blob, countedSource().open, { mountFrom: "team/base" })).toBe(
      "sent",
    );
  });

  it.each([401, 403, 404, 405])("begins plainly after %i", async (status) => {
    await using test = await against([
      { method: "POST", path: mount, reply: { status } },
      begin("1?x"),
      has(404),
      put("1?x"),
    ]);
    expect(await test.repository.pushBlob(blob, countedSource().open, { mountFrom: "team/base" })).toBe(
      "sent",
    );
  });

  it("sends nothing when a registry that does not mount has the blob already", async () => {
    const cancel = { method: "DELETE", path: "/v2/team/app/blobs/uploads/1?x", reply: { status: 204 } };
    await using test = await against([begin("1?x", mount), has(200), cancel]);
    const source = countedSource();
    expect(await test.repository.pushBlob(blob, source.open, { mountFrom: "team/base" })).toBe("present");
    expect(source.opened).toBe(0);
  });

  it("says what the registry says when the plain upload is refused too", async () => {
    const missing = { status: 404, body: registryErrors("NAME_UNKNOWN", "The repository does not exist") };
    await using test = await against([
      { method: "POST", path: mount, reply: missing },
      { method: "POST", path: uploads, reply: missing },
    ]);
    const push = test.repository.pushBlob(blob, countedSource().open, { mountFrom: "team/base" });
    expect(await rejection(push)).toMatchObject({ code: "NameUnknown", temporary: false });
  });
});

describe("what breaks", () => {
  it("begins a new upload, cancels the old one, and takes back what it counted", async () => {
    await using test = await against([
      begin("1?x"),
      breaking("1?x"),
      cancel("1?x"),
      has(404),
      begin("2?x"),
      put("2?x"),
    ]);
    const source = countedSource();
    let total = 0;
    let least = 0;
    const onBytes = (count: number) => {
      total += count;
      least = Math.min(least, count);
    };
    expect(await test.repository.pushBlob(blob, source.open, { onBytes })).toBe("sent");
    expect(test.server.received.at(-1)?.body.equals(bytes)).toBe(true);
    expect(total).toBe(bytes.length);
    expect(least).toBeLessThan(0);
    expect(source).toMatchObject({ opened: 2, closed: 2 });
  });

  it("sends nothing again when the blob arrived and only the answer was lost", async () => {
    await using test = await against([
      begin("1?x"),
      put("1?x", (_, response) => {
        response.destroy();
        return undefined;
      }),
      cancel("1?x", 404),
      has(200),
    ]);
    const source = countedSource();
    expect(await test.repository.pushBlob(blob, source.open)).toBe("sent");
    expect(source.opened).toBe(1);
  });

  it.each([
    [404, "BLOB_UPLOAD_UNKNOWN", false],
    [416, "BLOB_UPLOAD_INVALID", true],
    [503, "UNAVAILABLE", true],
  ])("begins a new upload after %i %s", async (status, code, cancels) => {
    await using test = await against([
      begin("1?x"),
      put("1?x", { status, body: registryErrors(code, "no") }),
      ...(cancels ? [cancel("1?x")] : []),
      has(404),
      begin("2?x"),
      put("2?x"),
    ]);
    expect(await test.repository.pushBlob(blob, countedSource().open)).toBe("sent");
  });

  it.each([
    [400, "DIGEST_INVALID", "DigestInvalid"],
    [403, "DENIED", "Denied"],
  ])("does not repeat %i %s", async (status, said, code) => {
    await using test = await against([
      begin("1?x"),
      put("1?x", { status, body: registryErrors(said, "no") }),
      cancel("1?x"),
    ]);
    expect(await rejection(test.repository.pushBlob(blob, countedSource().open))).toMatchObject({ code });
  });

  it("renews a token that expires while the blob is under way", async () => {
    const expired = registryErrors(
      "DENIED",
      "Your authorization token has expired. Reauthenticate and try again.",
    );
    await using test = await against(
      [
        begin("1?x"),
        put("1?x", { status: 403, body: expired }),
        cancel("1?x"),
        has(404),
        begin("2?x"),
        put("2?x"),
      ],
      { credentials: preemptive("old", "new") },
    );
    expect(await test.repository.pushBlob(blob, countedSource().open)).toBe("sent");
    const sent = test.server.received.map(({ headers }) => headers.authorization);
    expect(sent[2]).not.toBe(sent[1]);
    expect(sent.at(-1)).toBe(sent[2]);
  });

  it("gives up after so many attempts", async () => {
    const once = (session: string) => [begin(session), put(session, { status: 500 }), cancel(session)];
    await using test = await against([...once("1?x"), has(404), ...once("2?x"), has(404), ...once("3?x")], {
      retry: { attempts: 3, baseMs: 1, maxMs: 2 },
    });
    expect(await rejection(test.repository.pushBlob(blob, countedSource().open))).toMatchObject({
      code: "Unavailable",
      temporary: true,
    });
  });

  it("does not multiply the attempts of a request that begins the upload", async () => {
    const refused: Step = { method: "POST", path: uploads, reply: { status: 503 } };
    await using test = await against([refused, refused, refused], {
      retry: { attempts: 3, baseMs: 1, maxMs: 2 },
    });
    const source = countedSource();
    expect(await rejection(test.repository.pushBlob(blob, source.open))).toMatchObject({
      code: "Unavailable",
    });
  });
});

describe("a source that fails", () => {
  const failing = (error: unknown, after = 1) => {
    let opened = 0;
    return {
      opened: () => opened,
      open: async () => {
        opened += 1;
        return (async function* () {
          yield bytes.subarray(0, 100_000);
          if (opened <= after) throw error;
          yield bytes.subarray(100_000);
        })();
      },
    };
  };
  // What the source gave before it failed may or may not have left this machine.
  const swallowing = (session: string): Step => ({
    method: "PUT",
    path: commit(session),
    optional: true,
    reply: { status: 500 },
    early: (request) => void request.on("error", () => undefined).resume(),
  });

  it("cancels the upload and throws the source's own error", async () => {
    const error = new PromoterError("Denied", "Cannot pull blob");
    await using test = await against([begin("1?x"), swallowing("1?x"), cancel("1?x")]);
    const source = failing(error);
    expect(await rejection(test.repository.pushBlob(blob, source.open))).toBe(error);
    expect(source.opened()).toBe(1);
  });

  it("opens it once more after a failure that may pass", async () => {
    const error = new PromoterError("Network", "Cannot pull blob", { temporary: true });
    const steps = [begin("1?x"), swallowing("1?x"), cancel("1?x"), has(404), begin("2?x")];
    await using fine = await against([...steps, put("2?x")]);
    expect(await fine.repository.pushBlob(blob, failing(error).open)).toBe("sent");
    await using hopeless = await against([...steps, swallowing("2?x"), cancel("2?x")]);
    const source = failing(error, 9);
    expect(await rejection(hopeless.repository.pushBlob(blob, source.open))).toBe(error);
    expect(source.opened()).toBe(2);
  });

  it.each([
    ["DigestMismatch", bytesOf(300_000, 13), 2],
    ["SizeMismatch", bytes.subarray(1), 2],
    ["SizeMismatch", bytesOf(300_001), 2],
  ])("commits nothing at %s", async (code, content, attempts) => {
    const steps = Array.from({ length: attempts }, (_, at) => [
      ...(at > 0 ? [has(404)] : []),
      begin(`${at}?x`),
      swallowing(`${at}?x`),
      cancel(`${at}?x`),
    ]).flat();
    await using test = await against(steps);
    expect(await rejection(test.repository.pushBlob(blob, countedSource(content).open))).toMatchObject({
      code,
    });
  });

  it("opens no upload's body when the source cannot be opened", async () => {
    const error = new PromoterError("BlobUnknown", "Cannot pull blob");
    await using test = await against([begin("1?x"), cancel("1?x")]);
    const open = async () => {
      throw error;
    };
    expect(await rejection(test.repository.pushBlob(blob, open))).toBe(error);
  });
});

describe("cancelling", () => {
  it("ends the upload and its source with the signal's reason", async () => {
    const stop = new AbortController();
    await using test = await against([
      begin("1?x"),
      {
        method: "PUT",
        path: commit("1?x"),
        reply: { status: 500 },
        early: (request) => {
          request.on("error", () => undefined).once("data", () => stop.abort(new Error("stopped")));
        },
      },
      cancel("1?x"),
    ]);
    const source = countedSource();
    const push = test.repository.pushBlob(blob, source.open, { signal: stop.signal });
    expect(String(await rejection(push))).toBe("Error: stopped");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(source).toMatchObject({ opened: 1, closed: 1 });
  });

  it("waits for the answer that says which upload has been opened, and ends that", async () => {
    const stop = new AbortController();
    const opened = { status: 202, headers: { location: `${uploads}1?x` } };
    const reply = () => {
      stop.abort(new Error("stopped"));
      return opened;
    };
    await using test = await against([{ method: "POST", path: uploads, reply }, cancel("1?x")]);
    const push = test.repository.pushBlob(blob, countedSource().open, { signal: stop.signal });
    expect(String(await rejection(push))).toBe("Error: stopped");
  });

  it("does not wait for a registry that does not open", async () => {
    const stop = new AbortController();
    const early = () => stop.abort(new Error("stopped"));
    await using server = await scripted([{ ...begin("1?x"), early }]);
    await using client = openTestRegistry(server.host);
    const begun = performance.now();
    const push = client.registry
      .repository("team/app")
      .pushBlob(blob, countedSource().open, { signal: stop.signal });
    expect(String(await rejection(push))).toBe("Error: stopped");
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  it("does not wait for a registry that does not cancel", async () => {
    const stop = new AbortController();
    await using server = await scripted([
      begin("1?x"),
      {
        method: "PUT",
        path: commit("1?x"),
        reply: { status: 500 },
        early: (request) => {
          request.on("error", () => undefined).once("data", () => stop.abort(new Error("stopped")));
        },
      },
      { method: "DELETE", path: `${uploads}1?x`, reply: () => undefined },
    ]);
    await using client = openTestRegistry(server.host);
    const begun = performance.now();
    const push = client.registry
      .repository("team/app")
      .pushBlob(blob, countedSource().open, { signal: stop.signal });
    expect(String(await rejection(push))).toBe("Error: stopped");
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  it("gives up an upload that the registry does not take, and begins anew", async () => {
    const large = bytesOf(8 * 1024 * 1024);
    const descriptor = blobOf(large);
    const path = (session: string) => `${uploads}${session}&digest=${encodeURIComponent(descriptor.digest)}`;
    await using test = await against(
      [
        begin("1?x"),
        {
          method: "PUT",
          path: path("1?x"),
          reply: { status: 500 },
          early: (request) => void request.pause(),
        },
        cancel("1?x"),
        { method: "HEAD", path: `/v2/team/app/blobs/${descriptor.digest}`, reply: { status: 404 } },
        begin("2?x"),
        { method: "PUT", path: path("2?x"), reply: { status: 201 } },
      ],
      { progressTimeoutMs: 150 },
    );
    expect(await test.repository.pushBlob(descriptor, async () => streamOf(large))).toBe("sent");
    expect(test.server.received.at(-1)?.body.equals(large)).toBe(true);
  });
});

describe("an early answer", () => {
  it("is taken although the body is not through", async () => {
    const large = bytesOf(8 * 1024 * 1024);
    const descriptor = blobOf(large);
    await using server = await scripted([
      begin("1?x"),
      {
        method: "PUT",
        path: /digest=/,
        reply: { status: 500 },
        early: async (request, response) => {
          await once(request, "data");
          response.writeHead(403, { "content-type": "application/json" });
          response.end(JSON.stringify(registryErrors("DENIED", "no push for you")));
        },
      },
      { method: "DELETE", path: /uploads/, reply: { status: 204 } },
    ]);
    await using client = openTestRegistry(server.host);
    const push = client.registry.repository("team/app").pushBlob(descriptor, async () => streamOf(large));
    expect(await rejection(push)).toMatchObject({ code: "Denied" });
    expect(server.problems()).toEqual([]);
  });
});
