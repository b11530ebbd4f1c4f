import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate as immediate } from "node:timers/promises";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { SelfSigned } from "../kubernetes/self-signed.ts";

export interface ForwarderOptions {
  /** Port of 127.0.0.1 that connections are led to. */
  readonly to: number;
  /** Address to listen at. Default 127.0.0.1. */
  readonly host?: string;
  /** Speaks TLS towards the client, by this certificate. */
  readonly tls?: SelfSigned;
  /** How many connections are reset at once before any is led on. Default 0. */
  readonly resets?: number;
  /** How many requests are reset that come on a connection that has been answered before. Default 0. */
  readonly races?: number;
  /** What happens to a connection that has been answered and on which nothing is asked. */
  readonly whenIdle?: (socket: Socket) => void;
  /** Gives the client each answer byte by byte, as packets of their own. Default false. */
  readonly bytewise?: boolean;
}

export interface Forwarder extends AsyncDisposable {
  readonly port: number;
  /** How many connections were accepted, those included that were reset. */
  readonly connections: () => number;
  /** How many requests were reset on a connection that had been kept. */
  readonly raced: () => number;
}

/** Leads each connection to a port of this machine, byte for byte. */
export async function forward(options: ForwarderOptions): Promise<Forwarder> {
  const { to, host = "127.0.0.1", tls, resets = 0, races = 0, whenIdle, bytewise = false } = options;
  const sockets = new Set<Socket>();
  let connections = 0;
  let raced = 0;
  const lead = (socket: Socket | TLSSocket) => {
    socket.setNoDelay(true);
    const upstream = connect(to, "127.0.0.1");
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => sockets.delete(one));
      if (one === upstream && bytewise) void writeBytes(one, other);
      else one.pipe(other);
    }
    if (whenIdle) watchIdle(socket, upstream, whenIdle);
    let answered = false;
    upstream.on("data", () => {
      answered = true;
    });
    socket.prependListener("data", () => {
      if (!answered || raced >= races) return;
      raced += 1;
      upstream.destroy();
      socket.resetAndDestroy();
    });
  };
  const server: Server =
    tls === undefined ? createServer(lead) : createTlsServer({ cert: tls.certificate, key: tls.key }, lead);
  server.prependListener("connection", (socket: Socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    if (connections <= resets) socket.resetAndDestroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    raced: () => raced,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function writeBytes(from: Socket, to: Socket): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length && to.writable; at += 1) {
        to.write(chunk.subarray(at, at + 1));
        await immediate();
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

const silenceMs = 5;

/** Calls back once, when an answer was given, nothing has come since, and nothing has been asked either. */
function watchIdle(socket: Socket, upstream: Socket, whenIdle: (socket: Socket) => void): void {
  let timer: NodeJS.Timeout | undefined;
  upstream.on("data", () => {
    clearTimeout(timer);
    timer = setTimeout(() => whenIdle(socket), silenceMs);
  });
  for (const event of ["data", "close"] as const) socket.on(event, () => clearTimeout(timer));
}
