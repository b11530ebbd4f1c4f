import { isReset } from "../http-client/socket-error.ts";
import { type BlobAnswer, BlobConnection, type BlobRequest, type Connect } from "./blob-connection.ts";

export interface BlobConnectionsOptions {
  readonly connect: Connect;
  /** Milliseconds that a connection may stay open unused. */
  readonly keepAliveMs: number;
}

/**
 * The connections to one origin that large bodies are read from. As many as there are requests at the same time: whoever
 * asks keeps the number of its transfers small.
 */
export class BlobConnections implements Disposable {
  readonly #options: BlobConnectionsOptions;
  readonly #open = new Set<BlobConnection>();
  readonly #idle: BlobConnection[] = [];
  #isPlain = true;
  #isDisposed = false;

  constructor(options: BlobConnectionsOptions) {
    this.#options = options;
  }

  /** Whether its answers have been plain enough to be read here. */
  get isPlain(): boolean {
    return this.#isPlain;
  }

  /**
   * Asks for a body, by a connection that is free or by a new one.
   *
   * @returns undefined when the answer is one that has to be read otherwise.
   */
  async get(request: BlobRequest): Promise<BlobAnswer | undefined> {
    for (let free = this.#idle.pop(); free !== undefined; free = this.#idle.pop()) {
      // What has come unasked, or the connection's end, is seen before another request goes there.
      await wholeTurn();
      const answer = await this.#ask(free, request).catch((error: unknown) => {
        // The server may have closed it while nobody was looking.
        if (request.signal?.aborted === true || !isReset(error)) throw error;
        return "stale" as const;
      });
      if (answer !== "stale") return answer;
    }
    const connection = new BlobConnection({
      ...this.#options,
      onIdle: (one) => this.#idle.push(one),
      onClose: (one) => this.#forget(one),
    });
    await connection.open(request.signal);
    this.#open.add(connection);
    if (this.#isDisposed) connection.destroy();
    return await this.#ask(connection, request);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const connection of this.#open) connection.destroy();
  }

  async #ask(connection: BlobConnection, request: BlobRequest): Promise<BlobAnswer | undefined> {
    try {
      const answer = await connection.get(request);
      if (answer === undefined) this.#isPlain = false;
      return answer;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  #forget(connection: BlobConnection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** Resolves when all that has come to any socket until now has been read. */
async function wholeTurn(): Promise<void> {
  // The first may come at the end of a turn that has looked at the sockets already.
  for (const _ of ["this", "next"]) await new Promise((resolve) => setImmediate(resolve));
}
