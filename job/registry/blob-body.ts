import { wholeOf } from "../async/whole-of.ts";
import { maxHeadBytes, parseResponseHead, type ResponseHead } from "../http-client/response-head.ts";
import type { AnswerBody } from "./answer.ts";
import type { BufferRing } from "./buffer-ring.ts";

/** What a blob's connection does for the one who reads from it. */
export interface BlobSource {
  /** Lets more bytes come. */
  resume(): void;
  /** Ends the connection. */
  destroy(): void;
  /** Says that the answer is over, and whether another may follow. */
  finish(reusable: boolean): void;
}

/**
 * One answer, from the first byte of its head to the last of its body, of which each chunk holds its bytes until the
 * next but one is asked for.
 */
export class BlobBody implements AnswerBody, AsyncIterator<Uint8Array, undefined> {
  /** Called with the number of bytes whenever some come, long before they are a chunk. */
  onReceived: ((bytes: number) => void) | undefined;
  readonly #source: BlobSource;
  readonly #ring: BufferRing;
  readonly #head = Promise.withResolvers<ResponseHead | undefined>();
  readonly #onClose: (() => void)[] = [];
  #wake: (() => void) | undefined;
  #bodyBytes: number | undefined;
  #received = 0;
  #paused = false;
  #ended = false;
  #failure: unknown;
  #keepsConnection = false;

  constructor(source: BlobSource, ring: BufferRing) {
    this.#source = source;
    this.#ring = ring;
    // Whoever waits for it gets it; a body that fails later has its own readers.
    this.#head.promise.catch(() => undefined);
  }

  /** The head; undefined when it is none that can be read here. */
  get head(): Promise<ResponseHead | undefined> {
    return this.#head.promise;
  }

  /** Takes note of bytes that have come into the ring. @returns whether more may come. */
  arrived(bytes: number): boolean {
    this.#ring.fill(bytes);
    if (this.#bodyBytes !== undefined) return this.#bodyArrived(bytes, this.#bodyBytes);
    const { begun } = this.#ring;
    const end = Buffer.from(begun.buffer, begun.byteOffset, begun.length).indexOf("\r\n\r\n");
    if (end < 0 && begun.length <= maxHeadBytes) return true;
    const head = end < 0 || end > maxHeadBytes ? undefined : plainHead(latin1(begun.subarray(0, end)));
    if (head === undefined) return this.#leave();
    this.#ring.drop(end + 4);
    this.#keepsConnection = head.keepsConnection && typeof head.framing === "number";
    // Of a redirect the head is enough; what may follow goes with the connection.
    this.#bodyBytes = typeof head.framing === "number" ? head.framing : 0;
    this.#head.resolve(head);
    if (typeof head.framing !== "number") return this.#end();
    return this.#bodyArrived(this.#ring.begun.length, this.#bodyBytes);
  }

  #bodyArrived(bytes: number, bodyBytes: number): boolean {
    this.#received += bytes;
    this.onReceived?.(bytes);
    const surplus = this.#received - bodyBytes;
    if (surplus >= 0) {
      // Nobody knows what it is that follows, so nothing may follow on this connection.
      if (surplus > 0) this.#keepsConnection = false;
      this.#ring.fill(-surplus);
      this.#ring.close();
      return this.#end();
    }
    if (this.#ring.space.length === 0) {
      this.#ring.close();
      this.#awaken();
    }
    this.#paused = this.#ring.isTight;
    return !this.#paused;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const value = this.#ring.take();
      if (value !== undefined) {
        this.#goOn();
        return { done: false, value };
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.destroy();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this;
  }

  once(_event: "close", listener: () => void): void {
    if (this.#isOver) listener();
    else this.#onClose.push(listener);
  }

  bytes({ limit }: { readonly limit: number }): Promise<Buffer | undefined> {
    return wholeOf(this, limit);
  }

  /** Reads on to the end, for the connection's sake, unless that is far. */
  async dump({ limit }: { readonly limit: number }): Promise<void> {
    let bytes = 0;
    for await (const chunk of this) {
      bytes += chunk.length;
      if (bytes > limit) return;
    }
  }

  destroy(error?: Error): void {
    this.fail(error ?? new Error("the body was given up"));
  }

  /** Ends it with what went wrong, before its end. */
  fail(failure: unknown): void {
    if (this.#isOver) return;
    this.#failure = failure;
    this.#head.reject(failure);
    // What came before it need not be asked for again.
    if (!this.#ring.isTight) this.#ring.close();
    this.#source.destroy();
    this.#over();
  }

  #goOn(): void {
    if (!this.#paused || this.#ring.isTight) return;
    this.#paused = false;
    this.#source.resume();
  }

  /** Leaves the answer to a parser that knows more. */
  #leave(): boolean {
    this.#ended = true;
    this.#head.resolve(undefined);
    this.#source.destroy();
    return false;
  }

  get #isOver(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  #end(): boolean {
    this.#ended = true;
    // The connection is no longer this body's to resume.
    this.#paused = false;
    this.#source.finish(this.#keepsConnection);
    this.#over();
    return this.#keepsConnection;
  }

  #over(): void {
    this.#awaken();
    for (const listener of this.#onClose.splice(0)) listener();
  }

  #awaken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** A head after which a body can be read here, or that leads elsewhere; undefined for every other. */
function plainHead(text: string): ResponseHead | undefined {
  try {
    const head = parseResponseHead(text, "GET");
    const isRedirect = head.status >= 300 && head.status < 400;
    return head.status >= 200 && (isRedirect || typeof head.framing === "number") ? head : undefined;
  } catch {
    // Whoever asks again is told what is wrong with it.
    return undefined;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
