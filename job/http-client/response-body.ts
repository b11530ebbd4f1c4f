import { joined } from "../async/whole-of.ts";
import { socketError } from "./socket-error.ts";

/** What a body wants of its connection. */
export interface BodySource {
  /** Lets nothing more come. */
  pause(): void;
  /** Lets more come. */
  resume(): void;
  /** Ends the connection. */
  destroy(): void;
}

/** Bytes that may wait for their reader before no more are let come, 64 KiB: as much as a connection gives at once. */
const enough = 64 * 1024;

/** Bytes of a piece that is gathered with others: each holds all that came with it, which may be much more. */
const little = 1024;

/** Bytes in which little pieces are gathered. */
const gatheredBytes = 16 * 1024;

const none: Buffer = Buffer.alloc(0);

/** The body of an answer, filled as it comes. Can be read once. */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #source: BodySource;
  /** What waits for its reader, and how many bytes that is. */
  #pieces: Buffer[] = [];
  #waiting = 0;
  /** The piece that grows by little ones, while it waits; and where the next has room. */
  #growing: Buffer | undefined;
  #room = none;
  #enough = enough;
  #isPaused = false;
  #isWhole = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;
  readonly #onClose: (() => void)[] = [];

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** Takes a piece that has come. */
  push(piece: Buffer): void {
    if (piece.length < little && this.#pieces.length > 0) this.#gather(piece);
    else {
      this.#pieces.push(piece);
      this.#growing = undefined;
    }
    this.#waiting += piece.length;
    if (this.#waiting > this.#enough && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
    this.#wake?.();
  }

  /** Takes note that all has come. */
  end(): void {
    this.#isWhole = true;
    this.#close();
  }

  /** Fails whoever reads, unless all has come. */
  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#failure = { reason };
    this.#close();
  }

  /** The bytes, in the pieces in which they come. Whoever stops before the end ends the connection. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        for (const piece of this.#takePieces()) {
          if (this.#failure !== undefined) throw this.#failure.reason;
          this.#waiting -= piece.length;
          yield piece;
        }
        if (this.#pieces.length > 0) continue;
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#isWhole) return;
        await this.#more();
      }
    } finally {
      if (!this.#isWhole) this.destroy();
    }
  }

  /** Ends it before its end, and the connection with it. */
  destroy(error: Error = cutOff()): void {
    const isOver = this.#isOver;
    this.#failure ??= { reason: error };
    this.#takePieces();
    if (isOver) return;
    this.#close();
    this.#source.destroy();
  }

  /** Reads it to its end, or ends it where there are more bytes than that. */
  async dump({ limit }: { readonly limit: number }): Promise<void> {
    for (let bytes = 0; ; ) {
      bytes += this.#waiting;
      this.#waiting = 0;
      this.#takePieces();
      if (this.#isOver) return;
      if (bytes > limit) this.destroy();
      else await this.#more();
    }
  }

  /**
   * All of it; undefined, and it is ended, where there are more bytes than that.
   *
   * @throws what the connection met before the end.
   */
  async bytes({ limit }: { readonly limit: number }): Promise<Buffer | undefined> {
    this.#enough = limit;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      if (this.#waiting > limit) {
        this.destroy();
        return undefined;
      }
      if (this.#isWhole) return joined(this.#pieces, this.#waiting);
      await this.#more();
    }
  }

  /** @throws {RangeError} when there are more bytes than that; what the connection met before the end. */
  async text({ limit }: { readonly limit: number }): Promise<string> {
    const whole = await this.bytes({ limit });
    if (whole === undefined) throw new RangeError(`the answer has more than ${limit} bytes`);
    return whole.toString("utf8");
  }

  /** Calls back when all has come, or nothing more is going to. */
  once(_event: "close", listener: () => void): void {
    if (this.#isOver) listener();
    else this.#onClose.push(listener);
  }

  get #isOver(): boolean {
    return this.#isWhole || this.#failure !== undefined;
  }

  #takePieces(): readonly Buffer[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#growing = undefined;
    return pieces;
  }

  /** Copies a little piece behind the last that was. */
  #gather(piece: Buffer): void {
    if (this.#room.length < piece.length) {
      this.#room = Buffer.allocUnsafe(gatheredBytes);
      this.#growing = undefined;
    }
    const copy = this.#room.subarray(0, piece.copy(this.#room));
    this.#room = this.#room.subarray(piece.length);
    const grown = this.#growing;
    if (grown === undefined) this.#growing = copy;
    else {
      this.#pieces.pop();
      this.#growing = Buffer.from(grown.buffer, grown.byteOffset, grown.length + piece.length);
    }
    this.#pieces.push(this.#growing);
  }

  /** Resolves when something has come, or nothing more is going to. */
  #more(): Promise<void> {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#source.resume();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #close(): void {
    for (const listener of this.#onClose.splice(0)) listener();
    this.#wake?.();
  }
}

/** @returns the error of an answer that has not come whole. */
export function cutOff(): Error {
  return socketError("ECONNRESET", "the connection was closed before the whole answer had come");
}
