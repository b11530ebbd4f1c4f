import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { beginConnections, takeEarlyConnection } from "../../job/http-client/early-connections.ts";

async function listening() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => connections, close: () => server.close() };
}

it("gives a connection that was begun, to one who asks for it", async () => {
  const server = await listening();
  beginConnections([{ host: "127.0.0.1", port: server.port, connections: 1 }]);
  expect(takeEarlyConnection("127.0.0.1", server.port + 1)).toBeUndefined();
  const taken = takeEarlyConnection("127.0.0.1", server.port);
  expect(takeEarlyConnection("127.0.0.1", server.port)).toBeUndefined();
  if (taken?.socket.connecting === true) await once(taken.socket, "connect");
  await expect.poll(server.connections).toBe(1);
  taken?.socket.destroy();
  server.close();
});

it("gives as many as were begun, and looks a name up once for all of them", async () => {
  const server = await listening();
  beginConnections([{ host: "localhost", port: server.port, connections: 3 }]);
  const taken = [1, 2, 3, 4].map(() => takeEarlyConnection("localhost", server.port));
  expect(taken.map((one) => one !== undefined)).toEqual([true, true, true, false]);
  await expect.poll(server.connections).toBe(3);
  expect(new Set(taken[2]?.addresses).size).toBe(taken[0]?.addresses.length);
  for (const one of taken) one?.socket.destroy();
  server.close();
});

it("knows what a name was found to be", async () => {
  const server = await listening();
  beginConnections([{ host: "localhost", port: server.port, connections: 1 }]);
  const taken = takeEarlyConnection("localhost", server.port);
  await expect.poll(() => taken?.addresses).toContain("127.0.0.1");
  taken?.socket.destroy();
  server.close();
});

it("keeps to itself what has failed", async () => {
  const server = await listening();
  server.close();
  beginConnections([{ host: "127.0.0.1", port: server.port, connections: 1 }]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(takeEarlyConnection("127.0.0.1", server.port)).toBeUndefined();
});
