import type { IncomingMessage } from "node:http";
import { wholeOf } from "../async/whole-of.ts";

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

  /** @throws {RangeError} when there are more bytes than that; what the connection met before the end. */
  async text({ limit }: { readonly limit: number }): Promise<string> {
    const whole = await wholeOf(this, limit);
    if (whole === undefined) throw new RangeError(`the answer has more than ${limit} bytes`);
    return whole.toString("utf8");
  }

  once(_event: "close", listener: () => void): void {
    if (this.#message.closed) listener();
    else this.#message.once("close", listener);
  }
}
