import { connect, createServer, type Socket } from "node:net";
import process from "node:process";
import type { buildConnector } from "undici";
import { expect, it } from "vitest";
import { connectingAhead } from "../../job/registry/connections-ahead.ts";

const options = { hostname: "127.0.0.1", protocol: "http:", port: "0" };

async function listening() {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    accepted,
    connector: ((_options, callback) => {
      const socket = connect(port, "127.0.0.1", () => callback(null, socket));
      socket.once("error", (error) => callback(error, null));
    }) as buildConnector.connector,
    async [Symbol.asyncDispose]() {
      for (const socket of accepted) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function opened(connector: buildConnector.connector): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  connector(options, (error, socket) => (error === null ? resolve(socket) : reject(error)));
  return promise;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

it("opens spares with the first connection, and hands them out", async () => {
  await using server = await listening();
  using ahead = connectingAhead(server.connector, { spares: 3, unusedMs: 5_000 });
  const sockets = [await opened(ahead.connect)];
  await until(() => server.accepted.length === 4);
  for (let count = 0; count < 3; count += 1) sockets.push(await opened(ahead.connect));
  expect(server.accepted).toHaveLength(4);
  sockets.push(await opened(ahead.connect));
  expect(server.accepted).toHaveLength(5);
  for (const socket of sockets) socket.destroy();
});

it("keeps the process only for connections that somebody uses", async () => {
  await using server = await listening();
  using ahead = connectingAhead(server.connector, { spares: 1, unusedMs: 5_000 });
  const alive = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
  const first = await opened(ahead.connect);
  await until(() => server.accepted.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const before = alive();
  const second = await opened(ahead.connect);
  expect(alive()).toBe(before + 1);
  for (const socket of [first, second]) socket.destroy();
});

it("opens another where a spare has ended meanwhile", async () => {
  await using server = await listening();
  using ahead = connectingAhead(server.connector, { spares: 1, unusedMs: 5_000 });
  const first = await opened(ahead.connect);
  await until(() => server.accepted.length === 2);
  for (const socket of server.accepted) if (socket.remotePort !== first.localPort) socket.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await opened(ahead.connect);
  expect(second.destroyed).toBe(false);
  expect(server.accepted).toHaveLength(3);
  for (const socket of [first, second]) socket.destroy();
});

it("hands out no spare on which the server has spoken already: that would pass for an answer", async () => {
  await using server = await listening();
  using ahead = connectingAhead(server.connector, { spares: 1, unusedMs: 5_000 });
  const first = await opened(ahead.connect);
  await until(() => server.accepted.length === 2);
  for (const socket of server.accepted)
    socket.end("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = await opened(ahead.connect);
  expect(server.accepted).toHaveLength(3);
  expect(second.readableLength).toBe(0);
  for (const socket of [first, second]) socket.destroy();
});

it("ends a spare that nobody wants for long, and leaves one alone that was taken", async () => {
  await using server = await listening();
  using ahead = connectingAhead(server.connector, { spares: 2, unusedMs: 100 });
  const sockets = [await opened(ahead.connect), await opened(ahead.connect)];
  await until(() => server.accepted.length === 3);
  for (const socket of server.accepted) socket.resume();
  await until(() => server.accepted.some((socket) => socket.readableEnded));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(server.accepted.filter((socket) => socket.readableEnded)).toHaveLength(1);
  expect(sockets.map((socket) => socket.destroyed)).toEqual([false, false]);
  for (const socket of sockets) socket.destroy();
});

it("does not fail for the sake of a spare", async () => {
  await using server = await listening();
  let calls = 0;
  using ahead = connectingAhead(
    (given, callback) => {
      calls += 1;
      if (calls === 1) callback(new Error("no"), null);
      else server.connector(given, callback);
    },
    { spares: 1, unusedMs: 5_000 },
  );
  const sockets = [await opened(ahead.connect), await opened(ahead.connect)];
  expect(sockets.every((socket) => !socket.destroyed)).toBe(true);
  for (const socket of sockets) socket.destroy();
});

it("closes the spares that nobody took", async () => {
  await using server = await listening();
  const ahead = connectingAhead(server.connector, { spares: 2, unusedMs: 5_000 });
  const first = await opened(ahead.connect);
  await until(() => server.accepted.length === 3);
  ahead[Symbol.dispose]();
  first.destroy();
  for (const socket of server.accepted) socket.resume();
  await until(() => server.accepted.every((socket) => socket.closed || socket.readableEnded));
});
