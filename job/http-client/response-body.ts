import type { IncomingMessage } from "node:http";
import { joined } from "../async/whole-of.ts";
import { socketError } from "./socket-error.ts";

/** The body of an answer. Can be read once. */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  /** The bytes, in the pieces in which they come. Whoever stops before the end ends the connection. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#message[Symbol.asyncIterator]();
  }

  /** Ends it before its end, and the connection with it. */
  destroy(error?: Error): void {
    this.#message.destroy(error);
  }

  /** Reads it to its end, or ends it where there are more bytes than that. */
  async dump({ limit }: { readonly limit: number }): Promise<void> {
    const message = this.#message;
    if (message.closed) return;
    let bytes = 0;
    message.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) message.destroy();
    });
    await new Promise<void>((resolve) => this.once("close", resolve));
  }

  /**
   * All of it; undefined, and it is ended, where there are more bytes than that.
   *
   * @throws what the connection met before the end.
   */
  bytes({ limit }: { readonly limit: number }): Promise<Buffer | undefined> {
    const message = this.#message;
    // Node says of one that was ended before anybody read it that it has come to its end.
    if (message.destroyed) return Promise.reject(message.errored ?? cutOff());
    const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
    const pieces: Buffer[] = [];
    let size = 0;
    message.on("data", (piece: Buffer) => {
      pieces.push(piece);
      size += piece.length;
      if (size > limit) {
        resolve(undefined);
        message.destroy();
      }
    });
    message.once("end", () => resolve(joined(pieces, size)));
    this.once("close", () => {
      if (!message.readableEnded) reject(message.errored ?? cutOff());
    });
    return promise;
  }

  /** @throws {RangeError} when there are more bytes than that; what the connection met before the end. */
  async text({ limit }: { readonly limit: number }): Promise<string> {
    const whole = await this.bytes({ limit });
    if (whole === undefined) throw new RangeError(`the answer has more than ${limit} bytes`);
    return whole.toString("utf8");
  }

  once(_event: "close", listener: () => void): void {
    if (this.#message.closed) listener();
    else this.#message.once("close", listener);
  }
}

function cutOff(): Error {
  return socketError("ECONNRESET", "the connection was closed before the whole answer had come");
}
