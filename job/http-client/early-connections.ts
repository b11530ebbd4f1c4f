import { lookup as systemLookup } from "node:dns";
import { connect, type LookupFunction, type Socket } from "node:net";
import { sharedLookup } from "./shared-lookup.ts";

/** Where to connect to, and how many times. */
export interface EarlyDestination {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
}

/** A connection that was begun before anybody asked for it; it may yet be opening. */
export interface EarlyConnection {
  readonly socket: Socket;
  /** What was found for the host's name, once that is known; nothing for an address. */
  readonly addresses: readonly string[];
}

/** Where a start leaves them, whose code is not the program's. */
const place = Symbol.for("argocd-image-promoter.early-connections");

type Places = { [place]?: Map<string, EarlyConnection[]> };

/**
 * Begins to connect, while the program is still being loaded: the way there and back takes about as long. What becomes of
 * it is of no consequence to anybody who does not take it.
 */
export function beginConnections(destinations: Iterable<EarlyDestination>): void {
  const begun = new Map<string, EarlyConnection[]>();
  for (const destination of destinations) begun.set(keyOf(destination), connectionsTo(destination));
  (globalThis as Places)[place] = begun;
}

/** One of the connections that were begun to there; undefined where there is none left that has not failed. */
export function takeEarlyConnection(host: string, port: number): EarlyConnection | undefined {
  const begun = (globalThis as Places)[place]?.get(keyOf({ host, port })) ?? [];
  for (let one = begun.shift(); one !== undefined; one = begun.shift()) {
    if (!one.socket.destroyed) return one;
  }
  return undefined;
}

function keyOf({ host, port }: Pick<EarlyDestination, "host" | "port">): string {
  return `${host}:${port}`;
}

function connectionsTo({ host, port, connections }: EarlyDestination): EarlyConnection[] {
  const addresses: string[] = [];
  const lookup = sharedLookup((name, options, callback) =>
    systemLookup(name, options, (error, found, family) => {
      if (error === null) addresses.push(...[found].flat().map(addressOf));
      callback(error, found, family);
    }),
  );
  return Array.from({ length: connections }, () => ({ socket: begin(host, port, lookup), addresses }));
}

function begin(host: string, port: number, lookup: LookupFunction): Socket {
  const socket = connect({ host, port, lookup, noDelay: true });
  socket.on("error", () => undefined);
  return socket.unref();
}

function addressOf(found: string | { readonly address: string }): string {
  return typeof found === "string" ? found : found.address;
}
