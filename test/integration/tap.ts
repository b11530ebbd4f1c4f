import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

/** A request that went through a tap. */
export interface TappedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** A listener before a server that we cannot look into. It passes everything on and notes what was asked. */
export interface Tap extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  readonly requests: readonly TappedRequest[];
}

/** Opens a tap before the HTTP server at `address`. The Host header stays, so answers name the tap. */
export async function openTap(address: string): Promise<Tap> {
  const requests: TappedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push({ method: incoming.method ?? "", path: incoming.url ?? "" });
    passOn(address, incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function passOn(address: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const [host, port] = address.split(":");
  const { method, url: path, headers } = incoming;
  const inner = request({ host, port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, outgoing, () => undefined);
  });
  inner.on("error", () => outgoing.destroy());
  pipeline(incoming, inner, () => undefined);
}
