import { lookup as systemLookup } from "node:dns";
import { connect, type LookupFunction, type Socket } from "node:net";

/** A connection that was begun before anybody asked for it; it may yet be opening, or have failed. */
export interface EarlyConnection {
  readonly socket: Socket;
  /** What was found for the host's name, once that is known; nothing for an address. */
  readonly addresses: readonly string[];
}

/** Where a start leaves them, whose code is not the program's. */
const place = Symbol.for("argocd-image-promoter.early-connections");

type Places = { [place]?: Map<string, EarlyConnection> };

/**
 * Begins to connect, while the program is still being loaded: the way there and back takes about as long. What becomes of
 * it is of no consequence to anybody who does not take it.
 */
export function beginConnections(
  destinations: Iterable<{ readonly host: string; readonly port: number }>,
): void {
  const begun = new Map<string, EarlyConnection>();
  for (const { host, port } of destinations) {
    const addresses: string[] = [];
    const lookup: LookupFunction = (name, options, callback) =>
      systemLookup(name, options, (error, found, family) => {
        if (error === null) {
          for (const one of [found].flat()) addresses.push(typeof one === "string" ? one : one.address);
        }
        callback(error, found, family);
      });
    const socket = connect({ host, port, lookup, noDelay: true });
    socket.on("error", () => undefined);
    socket.unref();
    begun.set(`${host}:${port}`, { socket, addresses });
  }
  (globalThis as Places)[place] = begun;
}

/** The connection that was begun to there, once; undefined where there is none or it has failed. */
export function takeEarlyConnection(host: string, port: number): EarlyConnection | undefined {
  const begun = (globalThis as Places)[place];
  const found = begun?.get(`${host}:${port}`);
  begun?.delete(`${host}:${port}`);
  return found === undefined || found.socket.destroyed ? undefined : found;
}
