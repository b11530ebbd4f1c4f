import { once } from "node:events";
import { type AddressInfo, createServer, connect as openTcp, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { connect } from "../../job/http-client/connect.ts";
import { ConnectionPool, type ConnectionPoolOptions } from "../../job/http-client/connection-pool.ts";
import { rejection } from "../registry/everything.ts";

/** A pool of connections to a server, which keeps them. */
async function pooled(options: Partial<ConnectionPoolOptions> = {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on("error", () => undefined).resume()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const pool = new ConnectionPool({
    connect: (signal) => connect({ origin }, { timeoutMs: 2_000, signal }),
    connections: 10,
    keepAliveMs: 5_000,
    ...options,
  });
  return {
    pool,
    sockets,
    take: () => pool.take(undefined),
    async [Symbol.asyncDispose]() {
      pool[Symbol.dispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const aWhile = () => new Promise((resolve) => setTimeout(resolve, 30));

describe("a pool of connections", () => {
  it("gives the one that is free first, though a new one was begun", async () => {
    const opened: (() => void)[] = [];
    await using test = await pooled({
      async connect() {
        await new Promise<void>((resolve) => opened.push(resolve));
        const { port } = await listening();
        return connect({ origin: new URL(`http://127.0.0.1:${port}`) }, { timeoutMs: 2_000 });
      },
    });
    const first = test.take();
    opened[0]?.();
    const connection = await first;
    const second = test.take();
    test.pool.giveBack(connection);
    expect((await second).socket).toBe(connection.socket);
    expect(opened).toHaveLength(2);
  });

  it("does not give again what is not to be used again", async () => {
    await using test = await pooled();
    const first = await test.take();
    test.pool.giveBack(first, 0);
    expect((await test.take()).socket).not.toBe(first.socket);
    expect(first.socket.destroyed).toBe(true);
  });

  it("keeps none for longer than it is told", async () => {
    await using test = await pooled();
    const { socket } = await test.take();
    test.pool.giveBack({ socket, wasIdle: false }, 20);
    await expect.poll(() => socket.destroyed).toBe(true);
  });

  it("tells what has stood idle from what is new", async () => {
    await using test = await pooled();
    const first = await test.take();
    expect(first.wasIdle).toBe(false);
    test.pool.giveBack(first);
    expect(await test.take()).toMatchObject({ socket: first.socket, wasIdle: true });
  });

  it("closes what nobody has used for long", async () => {
    await using test = await pooled({ keepAliveMs: 20 });
    const { socket } = await test.take();
    await aWhile();
    // Not while somebody has it.
    expect(socket.destroyed).toBe(false);
    test.pool.giveBack({ socket, wasIdle: false });
    await expect.poll(() => socket.destroyed).toBe(true);
    expect((await test.take()).socket).not.toBe(socket);
  });

  it("opens as many ahead as it is told to have, and no more", async () => {
    await using test = await pooled({ connections: 4 });
    test.pool.prepare(3);
    test.pool.prepare(3);
    await expect.poll(() => test.sockets.length).toBe(3);
    const taken = await Promise.all([test.take(), test.take(), test.take()]);
    expect(new Set(taken.map(({ socket }) => socket)).size).toBe(3);
    test.pool.prepare(100);
    await aWhile();
    expect(test.sockets).toHaveLength(4);
  });

  it("opens them after what is sent in the same turn", async () => {
    const begun: string[] = [];
    await using test = await pooled({
      async connect() {
        begun.push("connection");
        throw new Error("refused");
      },
    });
    test.pool.prepare(2);
    await Promise.resolve();
    begun.push("request");
    await expect.poll(() => begun).toEqual(["request", "connection", "connection"]);
  });

  it("opens none ahead once it is closed", async () => {
    let begun = 0;
    await using test = await pooled({
      async connect() {
        begun += 1;
        throw new Error("refused");
      },
    });
    test.pool.prepare(2);
    test.pool[Symbol.dispose]();
    await aWhile();
    expect(begun).toBe(0);
  });

  it("gives to who waits what was opened ahead, as soon as it is there", async () => {
    await using test = await pooled({ connections: 2 });
    test.pool.prepare(2);
    await Promise.all([test.take(), test.take()]);
    await expect.poll(() => test.sockets.length).toBe(2);
  });

  it("replaces one that has gone for those who wait for it", async () => {
    await using test = await pooled({ connections: 1 });
    const first = await test.take();
    const second = test.take();
    first.socket.destroy();
    expect((await second).socket).not.toBe(first.socket);
  });

  it("fails one who waits for each attempt that fails, and nobody for one made ahead", async () => {
    let attempts = 0;
    await using test = await pooled({
      async connect() {
        attempts += 1;
        await aWhile();
        throw new Error(`attempt ${attempts}`);
      },
    });
    test.pool.prepare(2);
    const waiting = [rejection(test.take()), rejection(test.take()), rejection(test.take())];
    for (const failed of waiting) expect(await failed).toMatchObject({ message: /^attempt/ });
  });

  it("leaves nobody waiting when attempts fail, though there was not room for all", async () => {
    await using test = await pooled({
      connections: 2,
      async connect() {
        await aWhile();
        throw new Error("refused");
      },
    });
    const waiting = Array.from({ length: 5 }, () => rejection(test.take()));
    for (const failed of waiting) expect(await failed).toMatchObject({ message: "refused" });
  });

  it("does not give what is ending", async () => {
    await using test = await pooled();
    const first = await test.take();
    test.pool.giveBack(first);
    first.socket.end();
    expect((await test.take()).socket).not.toBe(first.socket);
  });

  it("gives nobody who waits what is ending when it is given back", async () => {
    await using test = await pooled({ connections: 1 });
    const first = await test.take();
    const next = test.take();
    first.socket.end();
    test.pool.giveBack(first);
    expect((await next).socket).not.toBe(first.socket);
  });

  it("tells who waits, too, that a connection was used before", async () => {
    await using test = await pooled({ connections: 1 });
    const first = await test.take();
    const next = test.take();
    test.pool.giveBack(first);
    expect(await next).toMatchObject({ socket: first.socket, wasIdle: true });
  });

  it("forgets who is aborted, and gives what was opened for them to others", async () => {
    await using test = await pooled({ connections: 1 });
    const stop = new AbortController();
    const first = await test.take();
    const aborted = rejection(test.pool.take(stop.signal));
    const next = test.take();
    stop.abort(new Error("enough"));
    expect(await aborted).toBe(stop.signal.reason);
    test.pool.giveBack(first);
    expect((await next).socket).toBe(first.socket);
  });

  it("does not keep a process that has nothing else to do", async () => {
    await using test = await pooled();
    const { socket } = await test.take();
    const unref = socket.unref.bind(socket);
    let kept = true;
    socket.unref = () => {
      kept = false;
      return unref();
    };
    test.pool.giveBack({ socket, wasIdle: false });
    expect(kept).toBe(false);
  });

  it("keeps a process that has a request under way, though the connection was begun without keeping it", async () => {
    let isKept = false;
    const { port } = await listening();
    await using test = await pooled({
      async connect() {
        const socket = await connect(
          { origin: new URL(`http://127.0.0.1:${port}`) },
          { timeoutMs: 2_000, over: openTcp(port, "127.0.0.1").unref() },
        );
        const ref = socket.ref.bind(socket);
        socket.ref = () => {
          isKept = true;
          return ref();
        };
        return socket;
      },
    });
    await test.take();
    expect(isKept).toBe(true);
  });
});

async function listening(): Promise<{ port: number }> {
  const server = createServer((socket) => void socket.on("error", () => undefined).resume());
  server.unref();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address() as AddressInfo;
}
