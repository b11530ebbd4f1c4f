import { isIP, type LookupFunction, connect as openTcp, type Socket } from "node:net";
import { type ConnectionOptions, checkServerIdentity, connect as openTls } from "node:tls";
import { onAbort } from "../async/on-abort.ts";
import { socketError } from "./socket-error.ts";

/** Where a connection leads. */
export interface Destination {
  /** `http:` or `https:`, by which TLS is spoken or not. */
  readonly origin: URL;
  /** Host, with or without a port, that the certificate has to be for; the origin's unless given. */
  readonly host?: string;
}

/** What a socket is to do with what it reads: Node's `onread`. */
export interface OnRead {
  readonly buffer: () => Uint8Array;
  readonly callback: (bytes: number) => boolean;
}

/** What connections to one place know of each other, so that a handshake may be short. */
export interface TlsSessions {
  latest?: Buffer;
}

export interface ConnectOptions {
  /** Milliseconds until the connection has to be there, TLS included; as many for `over` to be opened. */
  readonly timeoutMs: number;
  /** How names become addresses; the system's resolver unless given. */
  readonly lookup?: LookupFunction | undefined;
  /** Whom to trust, and what to show who we are. */
  readonly tls?: Pick<ConnectionOptions, "ca" | "cert" | "key" | "secureContext">;
  /** The session of the last connection to the same place, which is taken up again. */
  readonly sessions?: TlsSessions;
  /** A connection that leads there already, or is about to, by a tunnel for instance; else one is opened. */
  readonly over?: Socket;
  readonly onread?: OnRead;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds of silence before TCP asks whether the other side is still there. */
const tcpKeepAliveMs = 60_000;

/**
 * Opens a connection.
 *
 * @throws what the socket met, with its `code`; `ETIMEDOUT` when it takes too long; the signal's reason.
 */
export async function connect(to: Destination, options: ConnectOptions): Promise<Socket> {
  const { over, signal } = options;
  signal?.throwIfAborted();
  if (over?.destroyed === true) throw gone();
  const isSecure = to.origin.protocol === "https:";
  // One that goes on to its host's next address takes another handle, and TLS would hold on to one that is gone.
  if (over?.connecting === true && isSecure) await opened(over, "connect", to, options);
  const socket = isSecure ? secure(to, options) : (over ?? plain(to, options));
  const isOpen = socket === over && !socket.connecting;
  if (!isOpen) await opened(socket, isSecure ? "secureConnect" : "connect", to, options);
  // It may have ended in the same moment, and whoever waits for its end would wait for ever.
  if (socket.destroyed) throw gone();
  return socket;
}

/** Waits until a connection is there, and ends one that is not there in time. */
async function opened(
  socket: Socket,
  event: "connect" | "secureConnect",
  { origin }: Destination,
  { timeoutMs, signal }: ConnectOptions,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stopListening = onAbort(signal, () => reject(signal?.reason));
  const timer = setTimeout(() => reject(tooLate(origin, timeoutMs)), timeoutMs);
  socket.once(event, () => resolve());
  socket.once("error", reject);
  try {
    await promise;
  } catch (error) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    stopListening();
    socket.off("error", reject);
  }
}

/** The address that a URL's origin has: Node knows an IPv6 address without the brackets that a URL has around it. */
export function addressOf({ protocol, hostname, port }: URL): {
  readonly host: string;
  readonly port: number;
} {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

function plain({ origin }: Destination, { lookup, onread }: ConnectOptions): Socket {
  return openTcp({
    ...addressOf(origin),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveMs,
    ...(lookup && { lookup }),
    ...(onread && { onread }),
  });
}

function secure({ origin, host = origin.host }: Destination, options: ConnectOptions): Socket {
  const { lookup, tls, sessions, over, onread } = options;
  const name = addressOf(new URL(`https://${host}`)).host;
  const socket = openTls({
    ...addressOf(origin),
    // HTTP/2 would put all layers on one connection, which is slower than several.
    ALPNProtocols: ["http/1.1"],
    ...tls,
    // Addresses have no place there.
    ...(isIP(name) === 0 && { servername: name }),
    // Without a name Node would ask for a certificate of where the connection leads.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    ...(sessions?.latest && { session: sessions.latest }),
    ...(lookup && { lookup }),
    ...(over && { socket: over }),
    ...(onread && { onread }),
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, tcpKeepAliveMs);
  socket.on("session", (session) => {
    if (sessions !== undefined) sessions.latest = session;
  });
  return socket;
}

function gone(): Error {
  return socketError("ECONNRESET", "the connection was closed before it was used");
}

/** @returns the error of a connection that is not there in time. */
export function tooLate({ host }: URL, timeoutMs: number): Error {
  return socketError("ETIMEDOUT", `${host} could not be connected to within ${timeoutMs} ms`);
}
