import { once } from "node:events";
import { type AddressInfo, createServer, connect as openTcp, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { addressOf, connect, type TlsSessions } from "../../job/http-client/connect.ts";
import { makeCertificate } from "../registry/certificates-fixture.ts";
import { rejection } from "../registry/everything.ts";
import { lookupOf } from "../registry/sockets.ts";
import { describeWithTool } from "../tool.ts";

/** Accepts connections and says nothing. */
async function silent() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

it.each([
  ["http://a.example", "a.example", 80],
  ["https://a.example", "a.example", 443],
  ["https://a.example:8443", "a.example", 8443],
  ["http://[::1]:5000", "::1", 5000],
])("the address of %s", (origin, host, port) => {
  expect(addressOf(new URL(origin))).toEqual({ host, port });
});

describe("a connection", () => {
  it("is given up when TLS takes too long", async () => {
    await using server = await silent();
    const origin = new URL(`https://127.0.0.1:${server.port}`);
    expect(await rejection(connect({ origin }, { timeoutMs: 100 }))).toMatchObject({ code: "ETIMEDOUT" });
    const [socket] = server.sockets;
    await expect.poll(() => socket === undefined || socket.readableEnded || socket.destroyed).toBe(true);
  });

  it("is given up when nobody waits for it any more", async () => {
    await using server = await silent();
    const origin = new URL(`https://127.0.0.1:${server.port}`);
    const stop = new AbortController();
    const connecting = rejection(connect({ origin }, { timeoutMs: 5_000, signal: stop.signal }));
    stop.abort(new Error("enough"));
    expect(await connecting).toBe(stop.signal.reason);
    expect(await rejection(connect({ origin }, { timeoutMs: 5_000, signal: stop.signal }))).toBe(
      stop.signal.reason,
    );
  });

  it.each(["http", "https"])("over one that fails, fails at once: %s", async (scheme) => {
    const server = await silent();
    await server[Symbol.asyncDispose]();
    const origin = new URL(`${scheme}://127.0.0.1:${server.port}`);
    const options = { timeoutMs: 5_000 };
    const over = openTcp(server.port, "127.0.0.1");
    expect(await rejection(connect({ origin }, { ...options, over }))).toMatchObject({
      code: "ECONNREFUSED",
    });
    expect(await rejection(connect({ origin }, { ...options, over }))).toMatchObject({
      code: expect.stringMatching(/ECONN/),
    });
  });
});

describeWithTool("openssl", () => {
  it("speaks TLS over one that is still going through its host's addresses", async () => {
    using certificate = makeCertificate("registry.example");
    const server = createTlsServer(certificate, (socket) => socket.on("error", () => undefined).end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const over = openTcp({
      host: "registry.example",
      port,
      lookup: lookupOf({ "registry.example": ["127.0.0.3", "127.0.0.1"] }),
    });
    const origin = new URL(`https://registry.example:${port}`);
    const socket = await connect({ origin }, { timeoutMs: 2_000, tls: { ca: certificate.cert }, over });
    const [said] = await once(socket, "data");
    expect(String(said)).toBe("hello");
    socket.destroy();
    server.close();
  });

  it("wants a certificate for the address that a host is, wherever the connection leads", async () => {
    using certificate = makeCertificate("mirror.example");
    const server = createTlsServer(certificate, (socket) => socket.on("error", () => undefined).resume());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = new URL(`https://mirror.example:${(server.address() as AddressInfo).port}`);
    const lookup = lookupOf({ "mirror.example": ["127.0.0.1"] });
    const options = { timeoutMs: 2_000, lookup, tls: { ca: certificate.cert } };
    (await connect({ origin, host: "127.0.0.1:5000" }, options)).destroy();
    for (const host of ["10.9.8.7:5000", "[2001:db8::1]:5000"]) {
      expect(await rejection(connect({ origin, host }, options))).toMatchObject({
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
      });
    }
    server.close();
  });

  it("names the host that the certificate has to be for, and takes up its last session", async () => {
    using certificate = makeCertificate("registry.example");
    const heard: (readonly [name: unknown, isReused: boolean])[] = [];
    const server = createTlsServer(certificate, (socket: TLSSocket) => {
      heard.push([socket.servername, socket.isSessionReused()]);
      socket.on("error", () => undefined).end("bye");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const sessions: TlsSessions = {};
    const options = { timeoutMs: 2_000, tls: { ca: certificate.cert }, sessions };
    for (const _ of [1, 2]) {
      const socket = await connect({ origin, host: "registry.example:8443" }, options);
      socket.resume();
      await once(socket, "close");
    }
    expect(heard).toEqual([
      ["registry.example", false],
      ["registry.example", true],
    ]);
    expect(await rejection(connect({ origin, host: "other.example" }, options))).toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    server.close();
  });
});
