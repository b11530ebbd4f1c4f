import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type LookupFunction, type Server } from "node:net";
import { type Network, type NetworkOptions, openNetwork } from "../../job/registry/network.ts";

/** A request as a server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface TestServer extends AsyncDisposable {
  readonly url: URL;
  readonly port: number;
  readonly seen: readonly Seen[];
  /** How many connections were accepted. */
  readonly connections: () => number;
}

export type Answering = (seen: Seen, response: ServerResponse) => void;

/** An HTTP server on a free port of 127.0.0.1 that remembers what it was asked. */
export async function serve(
  answering: Answering,
  tls?: { readonly key: string; readonly cert: string },
): Promise<TestServer> {
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const one = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
      seen.push(one);
      answering(one, response);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  const port = await listen(server);
  const url = new URL(`${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`);
  const close = () => closeServer(server, () => server.closeAllConnections());
  return { url, port, seen, connections: () => connections, [Symbol.asyncDispose]: close };
}

export interface TestProxy extends TestServer {
  /** `host:port` of each tunnel that was asked for. */
  readonly tunnels: readonly string[];
}

/** A proxy that leads every tunnel and every forwarded request to one port of this machine, whatever was asked for. */
export async function serveProxy(port: number, status: number | "never" = 200): Promise<TestProxy> {
  const tunnels: string[] = [];
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body: "" });
    if (status === 407) response.writeHead(status);
    response.end("forwarded");
  });
  const sockets = new Set<{ destroy(): void }>();
  server.on("connect", (request, socket, head) => {
    tunnels.push(request.url ?? "");
    seen.push({ method: "CONNECT", path: request.url ?? "", headers: request.headers, body: "" });
    sockets.add(socket);
    if (status === "never") return;
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    sockets.add(upstream);
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  const own = await listen(server);
  const close = () =>
    closeServer(server, () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
    });
  const url = new URL(`http://127.0.0.1:${own}`);
  return { url, port: own, seen, tunnels, connections: () => tunnels.length, [Symbol.asyncDispose]: close };
}

/** A network with short timeouts and an empty environment, where nothing else is said. */
export function testNetwork(options: Partial<NetworkOptions> = {}): Network {
  return openNetwork({
    env: {},
    connectionsPerOrigin: 4,
    connectTimeoutMs: 2000,
    ...options,
  });
}

/** A resolver that knows the given names only, and finds all their addresses. */
export function lookupOf(names: Readonly<Record<string, readonly string[]>>): LookupFunction {
  return (hostname, options, callback) => {
    const found = (names[hostname] ?? []).map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    const [first] = found;
    if (first === undefined) {
      const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" });
      callback(error, "", 0);
    } else if (options.all === true) {
      callback(null, found);
    } else {
      callback(null, first.address, first.family);
    }
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server, drop: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  drop();
  await closed;
}
