import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import type { BlobAnswer, BlobRequest } from "../../job/registry/blob-connection.ts";
import { makeCertificate, type TestCertificate } from "./certificates-fixture.ts";
import { rejection } from "./everything.ts";
import { blobOf, bytesOf, collect, openTestRegistry } from "./open-test-registry.ts";
import { lookupOf, serve, testNetwork } from "./sockets.ts";

type Talk = (socket: Socket, request: string, connection: number) => void;

interface TalkingOptions {
  readonly accept?: (socket: Socket) => void;
  /** By which it speaks TLS. */
  readonly certificate?: TestCertificate;
}

/** A server that says what it is told to, however wrong, and a client that reads from it. */
async function talking(talk: Talk, { accept, certificate }: TalkingOptions = {}) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener = (socket: Socket) => {
    sockets.add(socket);
    connections += 1;
    const connection = connections;
    let heard = "";
    socket.on("error", () => undefined);
    accept?.(socket);
    socket.on("data", (data) => {
      heard += data.toString("latin1");
      if (!heard.endsWith("\r\n\r\n")) return;
      requests.push(heard);
      const request = heard;
      heard = "";
      talk(socket, request, connection);
    });
  };
  const server = certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const scheme = certificate === undefined ? "http" : "https";
  const origin = new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const network = testNetwork({ env: { NODE_EXTRA_CA_CERTS: certificate?.file } });
  network.allow(origin);
  return {
    network,
    requests,
    connections: () => connections,
    client: () => network.blobConnectionsFor(origin),
    get: async (request: Partial<BlobRequest> = {}) =>
      network
        .blobConnectionsFor(origin)
        ?.get({ path: "/blob", headers: { host: origin.host }, timeoutMs: 2_000, ...request }),
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const head = (length: number, ...more: readonly string[]) =>
  `${["HTTP/1.1 200 OK", `content-length: ${length}`, ...more].join("\r\n")}\r\n\r\n`;

function bodyOf(answer: BlobAnswer | undefined): Promise<Buffer> {
  if (answer === undefined) throw new Error("There is no answer");
  return collect(answer.body);
}

const bytes = bytesOf(1_500_000, 241);

describe("a connection for large bodies", () => {
  it("gives a body that comes in whatever pieces", async () => {
    await using test = await talking(async (socket) => {
      const all = Buffer.concat([Buffer.from(head(bytes.length)), bytes]);
      for (const [from, to] of [
        [0, 10],
        [10, 60],
        [60, 70_000],
        [70_000, all.length],
      ] as const) {
        socket.write(all.subarray(from, to));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    const answer = await test.get();
    expect(answer).toMatchObject({ status: 200, headers: { "content-length": "1500000" } });
    expect((await bodyOf(answer)).equals(bytes)).toBe(true);
  });

  it("serves one request after another", async () => {
    await using test = await talking((socket) => socket.write(`${head(5)}hello`));
    for (let round = 0; round < 3; round += 1) {
      expect((await bodyOf(await test.get())).toString()).toBe("hello");
    }
    expect(test.connections()).toBe(1);
    expect(test.requests[0]).toMatch(
      /^GET \/blob HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nconnection: keep-alive\r\n\r\n$/,
    );
  });

  it.each([
    ["says that it closes", `${head(5, "connection: close")}hello`],
    ["says more than it announced", `${head(5)}hello, world`],
  ])("is not used again when the server %s", async (_, text) => {
    await using test = await talking((socket) => socket.write(text));
    for (let round = 0; round < 2; round += 1) await bodyOf(await test.get()).catch(() => undefined);
    expect(test.connections()).toBe(2);
  });

  it("begins anew when the server has closed it meanwhile, but only then", async () => {
    await using test = await talking((socket, _, connection) => {
      if (connection === 1 && test.requests.length === 2) return void socket.resetAndDestroy();
      socket.write(`${head(5)}hello`);
    });
    await bodyOf(await test.get());
    expect((await bodyOf(await test.get())).toString()).toBe("hello");
    expect(test.connections()).toBe(2);
    await using broken = await talking((socket) => socket.destroy());
    expect(await rejection(broken.get())).toMatchObject({ code: "ECONNRESET" });
    expect(broken.connections()).toBe(1);
  });

  it("does not take for an answer what came unasked", async () => {
    await using test = await talking((socket) => {
      socket.write(`${head(5)}hello`);
      setTimeout(() => socket.write(`${head(5)}wrong`), 20);
    });
    await bodyOf(await test.get());
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await bodyOf(await test.get())).toString()).toBe("hello");
    expect(test.connections()).toBe(2);
  });

  it("sees what has come unasked before it asks again", async () => {
    const sockets: Socket[] = [];
    await using test = await talking((socket) => {
      sockets.push(socket);
      socket.write(`${head(5)}hello`);
    });
    await bodyOf(await test.get());
    sockets[0]?.write(`${head(5)}wrong`);
    expect((await bodyOf(await test.get())).toString()).toBe("hello");
    expect(test.connections()).toBe(2);
  });

  it("sees what has come unasked also when the answer ended while nobody read", async () => {
    using certificate = makeCertificate("registry.example");
    // TLS gives the rest of a record when it has been told to wait: the buffers are full before the last bytes.
    const large = bytesOf(4 * 256 * 1024 + 100, 241);
    const ended = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    await using test = await talking(
      (socket, _, connection) => {
        if (connection > 1) return void socket.write(`${head(5)}hello`);
        socket.write(Buffer.concat([Buffer.from(head(large.length)), large]));
        ended.promise.then(() => socket.write(`${head(5)}wrong`));
      },
      { certificate, accept: (socket) => socket.once("close", closed.resolve) },
    );
    const answer = await test.get();
    await new Promise<void>((resolve) => answer?.body.once("close", resolve));
    ended.resolve();
    await closed.promise;
    expect((await bodyOf(answer)).equals(large)).toBe(true);
    expect((await bodyOf(await test.get())).toString()).toBe("hello");
    expect(test.connections()).toBe(2);
  });

  it("tells also whoever asks late that it is over", async () => {
    await using test = await talking((socket) => socket.write(`${head(5)}hello`));
    const answer = await test.get();
    await new Promise<void>((resolve) => answer?.body.once("close", resolve));
    await new Promise<void>((resolve) => answer?.body.once("close", resolve));
  });

  it("says no more than was announced, and less is an error", async () => {
    await using more = await talking((socket) => socket.write(`${head(5)}hello!`));
    expect((await more.get().then(bodyOf)).toString()).toBe("hello");
    await using less = await talking((socket) => socket.end(`${head(5)}hell`));
    const answer = await less.get();
    const given: string[] = [];
    const reading = async () => {
      for await (const chunk of answer?.body ?? []) given.push(Buffer.from(chunk).toString());
    };
    expect(await rejection(reading())).toMatchObject({ code: "ECONNRESET" });
    expect(given.join("")).toBe("hell");
  });

  it.each([
    ["in pieces", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
    ["of no announced length", "HTTP/1.1 200 OK\r\n\r\nhello"],
    ["that is not the answer yet", "HTTP/1.1 103 Early Hints\r\n\r\n"],
    ["with a head without end", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(4_000)}`],
    ["that is no HTTP", `${"SSH-2.0\n".repeat(3_000)}`],
  ])("leaves an answer %s to others, and all that follow", async (_, text) => {
    await using test = await talking((socket) => socket.write(text));
    expect(await test.get()).toBeUndefined();
    expect(test.client()).toBeUndefined();
  });

  it("gives an answer whole, though its chunks share their memory", async () => {
    const text = Array.from({ length: 40_000 }, (_, number) => String(number).padStart(8)).join("");
    const answering = (socket: Socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    await using test = await talking(answering);
    expect((await (await test.get())?.body.bytes({ limit: text.length }))?.toString()).toBe(text);
    expect(await (await test.get())?.body.bytes({ limit: text.length - 1 })).toBeUndefined();
  });

  it("takes a redirect's head, whatever its body", async () => {
    const redirect = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /there\r\n";
    await using test = await talking((socket) => socket.write(`${redirect}transfer-length: 3\r\n\r\nabc`));
    const answer = await test.get();
    expect(answer).toMatchObject({ status: 307, headers: { location: "/there" } });
    await answer?.body.dump({ limit: 100 });
    expect(test.client()).toBeDefined();
  });

  it("waits no longer than it is told for an answer to begin", async () => {
    await using test = await talking(() => undefined);
    expect(await rejection(test.get({ timeoutMs: 30 }))).toMatchObject({ code: "ETIMEDOUT" });
  });

  it("ends with the signal's reason, before the head and after it", async () => {
    const reason = new Error("stopped");
    await using silent = await talking(() => undefined);
    const before = new AbortController();
    setTimeout(() => before.abort(reason), 20);
    expect(await rejection(silent.get({ signal: before.signal }))).toBe(reason);
    await using slow = await talking((socket) => socket.write(`${head(500_000)}begun`));
    const after = new AbortController();
    const answer = await slow.get({ signal: after.signal });
    setTimeout(() => after.abort(reason), 20);
    expect(await rejection(bodyOf(answer))).toBe(reason);
  });

  it("lets no more come than its buffers hold while nobody reads", async () => {
    let sent = 0;
    await using test = await talking((socket) => {
      socket.write(head(512 * 1024 * 1024));
      const piece = Buffer.alloc(256 * 1024);
      const more = () => {
        while (socket.write(piece)) sent += piece.length;
        sent += piece.length;
        socket.once("drain", more);
      };
      more();
    });
    await test.get();
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Five buffers here, the rest in the sockets of both sides.
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it("refuses to send what would be two headers, without telling their secret", async () => {
    const ended = Promise.withResolvers<void>();
    await using test = await talking(() => undefined, {
      accept: (socket) => socket.once("close", ended.resolve).resume(),
    });
    const error = await rejection(test.get({ headers: { authorization: "Bearer s3cret\r\nx: y" } }));
    expect(String(error)).toBe(
      "TypeError: Cannot be sent: the value of authorization holds what it must not",
    );
    // No connection stays behind.
    await ended.promise;
  });

  it("speaks TLS, and not to whom the certificate does not name", async () => {
    using certificate = makeCertificate("registry.example");
    await using server = await serve((_, response) => response.end(bytes), certificate);
    const lookup = lookupOf({ "registry.example": ["127.0.0.1"], "other.example": ["127.0.0.1"] });
    await using network = testNetwork({ env: { NODE_EXTRA_CA_CERTS: certificate.file }, lookup });
    const ask = (name: string) => {
      const origin = new URL(`https://${name}:${server.port}`);
      network.allow(origin);
      const request = { path: "/", headers: { host: origin.host }, timeoutMs: 2_000 };
      return Promise.resolve(network.blobConnectionsFor(origin)?.get(request));
    };
    expect((await bodyOf(await ask("registry.example"))).equals(bytes)).toBe(true);
    expect(await rejection(ask("other.example"))).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("asks for the certificate of the name that it is asked by, wherever it is connected to", async () => {
    using certificate = makeCertificate("registry.example");
    await using server = await serve((_, response) => response.end(bytes), certificate);
    const lookup = lookupOf({ "endpoint.example": ["127.0.0.1"] });
    await using network = testNetwork({ env: { NODE_EXTRA_CA_CERTS: certificate.file }, lookup });
    const endpoint = new URL(`https://endpoint.example:${server.port}`);
    await using test = openTestRegistry("registry.example", { endpoint, network, largeBlobBytes: 0 });
    const stream = await test.registry.repository("app").fetchBlob(blobOf(bytes));
    expect((await collect(stream)).equals(bytes)).toBe(true);
    network.allow(endpoint);
    const other = network.blobConnectionsFor(endpoint, endpoint, "other.example");
    const asked = Promise.resolve(other?.get({ path: "/", headers: {}, timeoutMs: 2_000 }));
    expect(await rejection(asked)).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("is found where only the second of its addresses answers", async () => {
    using certificate = makeCertificate("registry.example");
    await using server = await serve((_, response) => response.end(bytes), certificate);
    const lookup = lookupOf({ "registry.example": ["127.0.0.2", "127.0.0.1"] });
    await using network = testNetwork({ env: { NODE_EXTRA_CA_CERTS: certificate.file }, lookup });
    const origin = new URL(`https://registry.example:${server.port}`);
    network.allow(origin);
    const request = { path: "/", headers: { host: origin.host }, timeoutMs: 2_000 };
    expect((await bodyOf(await network.blobConnectionsFor(origin)?.get(request))).equals(bytes)).toBe(true);
  });

  it("is given up at once when it is told to stop while it connects, or was told before", async () => {
    const accepted: Socket[] = [];
    // It never answers the handshake of TLS.
    const server = createServer((socket) => void accepted.push(socket.on("error", () => undefined)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await using network = testNetwork();
    network.allow(origin);
    const reason = new Error("stopped");
    const stop = new AbortController();
    const ask = () =>
      Promise.resolve(
        network
          .blobConnectionsFor(origin)
          ?.get({ path: "/", headers: {}, timeoutMs: 9, signal: stop.signal }),
      );
    const first = rejection(ask());
    const [socket] = await once(server, "connection");
    const gone = once(socket, "close");
    socket.resume();
    stop.abort(reason);
    expect(await first).toBe(reason);
    await gone;
    expect(await rejection(ask())).toBe(reason);
    expect(accepted.length).toBe(1);
    server.close();
  });

  it("is closed with the network, also when that is closed while it connects", async () => {
    await using test = await talking((socket) => socket.write(head(500_000)));
    const asked = rejection(test.get());
    await test.network[Symbol.asyncDispose]();
    expect(await asked).toMatchObject({ code: "ECONNRESET" });
    expect(await rejection(test.get())).toMatchObject({ code: "ECONNRESET" });
  });

  it("goes through no proxy", async () => {
    await using network = testNetwork({ env: { HTTPS_PROXY: "http://127.0.0.1:1" } });
    expect(network.blobConnectionsFor(new URL("https://registry.example"))).toBeUndefined();
  });

  it("is not opened to where a registry must not lead", async () => {
    await using network = testNetwork();
    const registry = new URL("https://registry.example");
    network.allow(registry);
    expect(() => network.blobConnectionsFor(new URL("http://169.254.169.254"), registry)).toThrow(
      "link-local",
    );
  });
});

it("serve where a registry leads, and not the registry that does, once it is known to", async () => {
  await using storage = await serve((_, response) => response.end(bytes));
  await using registry = await serve((_, response) => {
    response.writeHead(307, { location: `${storage.url}blob`, "content-length": 0 }).end();
  });
  await using client = openTestRegistry(registry.url.host, { largeBlobBytes: 0 });
  const repository = client.registry.repository("team/app");
  const fetched = async () => (await collect(await repository.fetchBlob(blobOf(bytes)))).equals(bytes);
  repository.prepare?.(4);
  expect(await fetched()).toBe(true);
  expect(await Promise.all([fetched(), fetched(), fetched(), fetched()])).toEqual(Array(4).fill(true));
  // Those that were ready, and one for a large answer, of which there was none.
  expect(registry.connections()).toBe(5);
});
