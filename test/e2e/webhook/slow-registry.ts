import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";

/** A registry that takes its time, at an address of its own. */
export interface SlowRegistry extends AsyncDisposable {
  readonly address: string;
}

/**
 * Leads connections to a registry, and keeps each part of its answers back for a while.
 * @param registry HOST:PORT; the slow one is reached by the same host.
 */
export async function slowedDown(registry: string, delayMs: number): Promise<SlowRegistry> {
  const { hostname, port } = new URL(`http://${registry}`);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    socket.pipe(upstream);
    void answerSlowly(upstream, socket, delayMs);
  });
  server.listen(0, hostname);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The slow registry listens nowhere");
  return {
    address: `${hostname}:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function answerSlowly(upstream: Socket, socket: Socket, delayMs: number): Promise<void> {
  try {
    for await (const part of upstream) {
      await setTimeout(delayMs);
      if (socket.writable) socket.write(part);
    }
  } catch {
    // Whoever asked has gone.
  }
}
