import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A port that is listened at. */
export interface Listener extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Ends all connections and takes none for `ms` milliseconds by the emulator's clock; by default until `reopen`. */
  refuse(ms?: number): Promise<void>;
  /** Listens again, where it does not. */
  reopen(): Promise<void>;
}

export type RequestHandler = (listener: Listener, request: IncomingMessage, response: ServerResponse) => void;

export interface ListenerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly handle: RequestHandler;
  readonly clock: { sleep?(ms: number): Promise<void> };
}

const idleConnectionMs = 60 * 1000;

export async function openListener({ port, handle, clock }: ListenerOptions): Promise<Listener> {
  const server = createServer((request, response) => {
    request.on("error", () => response.destroy());
    handle(listener, request, response);
  });
  // A layer may take its time, and an idle connection is closed by the client, as with a load balancer.
  server.requestTimeout = 0;
  server.keepAliveTimeout = idleConnectionMs;
  const bound = await listen(server, port);
  const reopen = async () => {
    if (!server.listening) await listen(server, bound);
  };
  const listener: Listener = {
    address: `127.0.0.1:${bound}`,
    async refuse(ms) {
      if (!server.listening) return;
      await close(server);
      if (ms === undefined) return;
      await clock.sleep?.(ms);
      await reopen();
    },
    reopen,
    [Symbol.asyncDispose]: () => close(server),
  };
  return listener;
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The listener has no port");
  return bound.port;
}

async function close(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await ended;
}
