import { once } from "node:events";
import { type AddressInfo, createServer, connect as openTcp } from "node:net";
import { expect, it } from "vitest";
import { openTunnel } from "../../job/http-client/tunnel.ts";
import { rejection } from "../registry/everything.ts";

/** Asks a proxy that answers so for a tunnel; through it comes back what is sent. */
async function throughProxy(answer: string) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(answer);
      socket.pipe(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = openTcp((server.address() as AddressInfo).port, "127.0.0.1");
  await once(proxy, "connect");
  server.close();
  const { signal } = new AbortController();
  return openTunnel({ proxy, to: "registry.example:443", timeoutMs: 2_000, signal });
}

it.each([
  "HTTP/1.1 200 Connected\r\n\r\n",
  "HTTP/1.0 200 Connection established\r\n\r\n",
  "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
  "HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
])("leads on, however the proxy says so: %j", async (answer) => {
  const tunnel = await throughProxy(answer);
  tunnel.write("hello");
  const [heard] = await once(tunnel, "data");
  expect(String(heard)).toBe("hello");
  tunnel.destroy();
});

it("ends where the proxy says more than that", async () => {
  const failed = await rejection(throughProxy("HTTP/1.1 200 Connected\r\n\r\nforged"));
  expect(failed).toMatchObject({ message: "the proxy sent what nobody asked for" });
});

it.each([407, 502, 204])("is refused by %i", async (status) => {
  const failed = await rejection(throughProxy(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));
  expect(failed).toMatchObject({ name: "ProxyRefusal", status });
});
