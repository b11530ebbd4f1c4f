import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { PromoterError } from "../error.ts";

/** Where to listen. */
export interface ListenAddress {
  /** All addresses of the machine when absent. */
  readonly host?: string;
  readonly port: number;
}

export interface ClosingOptions {
  /** Milliseconds for which, at the end, requests may still come in that have begun. Default 10,000. */
  readonly receiveMs?: number;
}

export interface Listener extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** What answers a request. It must not throw. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Milliseconds in which a request's head, and all of it, have to come. */
export const serverLimits = { headersTimeout: 10_000, requestTimeout: 30_000 } as const;
const mostConnections = 1_000;

/**
 * Listens for HTTP. Disposed of, it takes no more connections and waits for the answers that are due,
 * but not for long for those who have not finished asking.
 *
 * @throws {PromoterError} `Usage` when the address cannot be had.
 */
export function listen(address: ListenAddress, answer: Answer): Promise<Listener> {
  return listenOn(createServer(serverLimits, answer), address);
}

/**
 * Lets a server listen.
 *
 * @throws {PromoterError} `Usage` when the address cannot be had.
 */
export async function listenOn(
  server: Server,
  { host, port }: ListenAddress,
  { receiveMs = serverLimits.headersTimeout }: ClosingOptions = {},
): Promise<Listener> {
  server.maxConnections = mostConnections;
  const connections = watchConnections(server);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause: NodeJS.ErrnoException) =>
    reject(
      new PromoterError("Usage", `Cannot listen on port ${port}: ${cause.code ?? cause.message}`, {
        cause,
        hint: "Name another port, or an address of this machine",
      }),
    ),
  );
  server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  await promise;
  // What could not be accepted is the client's to try again; unheard, it would end the process.
  server.on("error", () => {});
  const { address, port: actual } = addressOf(server);
  return { host: address, port: actual, [Symbol.asyncDispose]: () => closed(server, connections, receiveMs) };
}

/** Answers in JSON, unless the other side has gone. */
export function reply(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const content = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(content);
}

/** Answers with an error. Whoever is refused may still be sending: the connection ends with the answer. */
export function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  reply(response, status, { error }, { connection: "close", ...headers });
}

function addressOf(server: Server): Pick<AddressInfo, "address" | "port"> {
  const address = server.address();
  return typeof address === "object" && address !== null ? address : { address: "", port: 0 };
}

interface Connections {
  /** Those of which no request has come yet, or not all of it, among them. */
  readonly sockets: ReadonlySet<Socket>;
  /** Requests that are not answered yet. */
  readonly open: ReadonlySet<IncomingMessage>;
}

function watchConnections(server: Server): Connections {
  const sockets = new Set<Socket>();
  const open = new Set<IncomingMessage>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    open.add(request);
    response.once("close", () => open.delete(request));
  });
  return { sockets, open };
}

function closed(server: Server, { sockets, open }: Connections, receiveMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Connections that are kept for more requests would keep us waiting.
  server.keepAliveTimeout = 1;
  // A server that closes limits nobody's time any more: who never finishes asking would keep us, too.
  const cutting = setInterval(() => {
    if ([...open].some(({ complete }) => complete)) return;
    for (const socket of sockets) socket.destroy();
  }, receiveMs);
  server.close(() => {
    clearInterval(cutting);
    resolve();
  });
  server.closeIdleConnections();
  return promise;
}
