import { createServer, connect as dial, type Socket } from "node:net";

export interface DroppingLink extends AsyncDisposable {
  readonly url: string;
  /** Connections that were reset. */
  readonly drops: number;
}

/** A link to `target` on which every connection is reset once it has carried so many bytes from the client. */
export async function droppingLink(target: URL, bytesPerConnection: number): Promise<DroppingLink> {
  let drops = 0;
  const open = new Set<Socket>();
  const server = createServer({ pauseOnConnect: false }, (client) => {
    const upstream = dial(Number(target.port), target.hostname);
    let carried = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      carried += chunk.length;
      if (carried < bytesPerConnection) {
        if (!upstream.write(chunk)) client.pause();
        return;
      }
      drops += 1;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    });
    upstream.on("drain", () => client.resume());
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The link has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get drops() {
      return drops;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
