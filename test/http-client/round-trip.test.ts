import { once } from "node:events";
import { type AddressInfo, createServer, connect as openTcp, type Socket } from "node:net";
import { expect, it } from "vitest";
import { roundTrip } from "../../job/http-client/round-trip.ts";
import { rejection } from "../registry/everything.ts";

/** A connection to a server that says what it is told to; and what that server hears. */
async function connected(talk: (socket: Socket) => void = () => undefined) {
  let heard = "";
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      heard += data.toString("latin1");
      talk(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = openTcp((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
  await once(socket, "connect");
  return {
    socket,
    heard: () => heard,
    [Symbol.dispose]() {
      for (const one of [socket, ...accepted]) one.destroy();
      server.close();
    },
  };
}

const request = { method: "GET", path: "/", headers: {}, timeoutMs: 60_000 };
const head = "GET / HTTP/1.1\r\n\r\n";

it("is not begun for who is aborted since the connection was given", async () => {
  using test = await connected();
  const over: (number | undefined)[] = [];
  const reason = new Error("enough");
  const asked = roundTrip({
    socket: test.socket,
    request: { ...request, signal: AbortSignal.abort(reason) },
    head,
    onOver: (idleMs) => over.push(idleMs),
  });
  expect(await rejection(asked)).toBe(reason);
  expect(over).toEqual([0]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(test.heard()).toBe("");
});

it("fails at once over a connection that has ended since it was given", async () => {
  using test = await connected();
  test.socket.destroy();
  await once(test.socket, "close");
  const asked = roundTrip({ socket: test.socket, request, head, onOver: () => undefined });
  expect(await rejection(asked)).toMatchObject({ code: "ECONNRESET" });
});

it("leaves nothing of its own on a connection, however it ends", async () => {
  for (const said of ["HTTP/1.1 204 No Content\r\n\r\n", "nonsense"]) {
    using test = await connected((socket) => socket.write(said));
    const listeners = () =>
      ["data", "end", "close", "error"].map((event) => test.socket.listenerCount(event));
    const before = listeners();
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    await roundTrip({ socket: test.socket, request, head, onOver: resolve }).catch(() => undefined);
    expect(await promise).toBe(said === "nonsense" ? 0 : undefined);
    expect(listeners()).toEqual(before);
  }
});

it("takes an answer that ends with its connection for whole only when the other side ended it", async () => {
  using test = await connected((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\nall"));
  const answer = await roundTrip({ socket: test.socket, request, head, onOver: () => undefined });
  const reading = rejection(answer.body.text({ limit: 10 }));
  test.socket.destroy();
  expect(await reading).toMatchObject({ code: "ECONNRESET" });
});
