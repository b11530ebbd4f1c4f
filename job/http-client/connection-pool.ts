import type { Socket } from "node:net";
import { onAbort } from "../async/on-abort.ts";
import { socketError } from "./socket-error.ts";

export interface ConnectionPoolOptions {
  /** Opens a connection; it is given the signal that ends all of them. */
  readonly connect: (signal: AbortSignal) => Promise<Socket>;
  /** The most connections at the same time. */
  readonly connections: number;
  /** Milliseconds that a connection may stay open unused. */
  readonly keepAliveMs: number;
}

/** A connection that one request has for itself. */
export interface Connection {
  readonly socket: Socket;
  /** Whether it was used, or has stood idle: the server may have closed it meanwhile. */
  readonly wasIdle: boolean;
}

interface Waiter {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The connections to one place. Whoever asks gets the one that is free first: one that was used before, or a new one,
 * which takes at least as long to be there as an answer that is waited for.
 */
export class ConnectionPool implements Disposable {
  readonly #options: ConnectionPoolOptions;
  readonly #closing = new AbortController();
  readonly #open = new Set<Socket>();
  readonly #free: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  #opening = 0;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** @throws what connecting met; the signal's reason; an error with the code `ECONNABORTED` once it is closed. */
  async take(signal: AbortSignal | undefined): Promise<Connection> {
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const free = this.#takeFree();
    if (free !== undefined) return free;
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const waiter = { resolve, reject };
    const stopListening = onAbort(signal, () => {
      this.#leave(waiter);
      reject(signal?.reason);
    });
    this.#waiting.push(waiter);
    this.#openForWaiting();
    try {
      return await promise;
    } finally {
      stopListening();
    }
  }

  /**
   * Takes a connection back.
   *
   * @param idleMs milliseconds for which the server keeps it when it is not used; it ends at once where that is nothing.
   */
  giveBack({ socket }: Connection, idleMs: number = this.#options.keepAliveMs): void {
    // One that is ending is of no use to who waits.
    if (idleMs > 0 && socket.writable) this.#give({ socket, wasIdle: true }, idleMs);
    else socket.destroy();
  }

  /** Opens connections ahead, until there are as many as that: after the requests that are sent in this turn. */
  prepare(connections: number): void {
    const limit = Math.min(connections, this.#options.connections);
    setImmediate(() => {
      if (this.#closing.signal.aborted) return;
      while (this.#open.size + this.#opening < limit) this.#openOne();
    });
  }

  [Symbol.dispose](): void {
    const reason = socketError("ECONNABORTED", "the connections have been closed");
    this.#closing.abort(reason);
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    for (const socket of this.#open) socket.destroy(reason);
  }

  #takeFree(): Connection | undefined {
    let connection = this.#free.pop();
    // One that is ending leaves when it has ended; what changes something is not sent twice for its sake.
    while (connection !== undefined && !connection.socket.writable) connection = this.#free.pop();
    if (connection === undefined) return undefined;
    const { socket } = connection;
    socket.off("data", endUnasked);
    socket.setTimeout(0);
    socket.ref();
    return connection;
  }

  /** One for each who waits, as far as there is room. */
  #openForWaiting(): void {
    const { connections } = this.#options;
    while (this.#opening < this.#waiting.length && this.#open.size + this.#opening < connections) {
      this.#openOne();
    }
  }

  async #openOne(): Promise<void> {
    this.#opening += 1;
    try {
      const socket = await this.#options.connect(this.#closing.signal);
      this.#opening -= 1;
      this.#keep(socket);
    } catch (error) {
      this.#opening -= 1;
      // One that was opened ahead is missed by nobody.
      if (this.#waiting.length > this.#opening) this.#waiting.shift()?.reject(error);
      // There were perhaps more who wait than there was room for.
      this.#openForWaiting();
    }
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    // One that was begun before it was asked for keeps no process until then.
    socket.ref();
    // Whoever has it listens, too; between requests an error only ends it.
    socket.on("error", () => undefined);
    socket.on("timeout", () => socket.destroy());
    socket.once("close", () => this.#forget(socket));
    if (this.#closing.signal.aborted) socket.destroy();
    else this.#give({ socket, wasIdle: false }, this.#options.keepAliveMs);
  }

  #give(connection: Connection, idleMs: number): void {
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      waiter.resolve(connection);
      return;
    }
    const { socket } = connection;
    // What comes now would be taken for the next answer.
    socket.on("data", endUnasked).resume();
    socket.setTimeout(Math.min(idleMs, this.#options.keepAliveMs));
    socket.unref();
    this.#free.push({ socket, wasIdle: true });
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket);
    const at = this.#free.findIndex((connection) => connection.socket === socket);
    if (at >= 0) this.#free.splice(at, 1);
    // There is room for those who had to wait for it.
    this.#openForWaiting();
  }

  #leave(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

function endUnasked(this: Socket): void {
  this.destroy();
}
