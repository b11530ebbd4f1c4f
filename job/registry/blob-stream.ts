import { sitOut } from "../async/aside.ts";
import { backoffMs } from "../async/retry.ts";
import { PromoterError } from "../error.ts";
import { socketError } from "../http-client/socket-error.ts";
import type { ByteStream, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Answer } from "./answer.ts";
import { networkError } from "./network-error.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import type { RequestContext } from "./response-error.ts";
import { StallWatch } from "./stall-watch.ts";

/** An attempt that brought this many bytes, 1 MiB, was worth it: failures before it no longer count. */
const progressBytes = 1024 * 1024;

/** The body of an answer, positioned: its first `skip` bytes were given out before. */
export interface OpenedBlob {
  readonly answer: Answer;
  readonly skip: number;
}

export interface BlobStreamOptions extends Waiting {
  readonly access: RepositoryAccess;
  readonly blob: Descriptor;
  readonly context: RequestContext;
  readonly first: OpenedBlob;
  /** Asks for the blob again, from this position on: the registry anew, not an address that may have run out. */
  readonly reopen: (position: number) => Promise<OpenedBlob>;
}

/** A blob's bytes, which go on where they stopped after a broken connection. Can be read once. */
export function streamBlob(options: BlobStreamOptions): ByteStream {
  const stream = new ResumingStream(options);
  return { [Symbol.asyncIterator]: () => stream };
}

class ResumingStream implements AsyncIterator<Uint8Array, undefined> {
  readonly #options: BlobStreamOptions;
  readonly #watch: StallWatch;
  #opened: OpenedBlob;
  #chunks: AsyncIterator<Uint8Array>;
  #skip: number;
  #position = 0;
  #failures = 0;
  /** Where the last attempt began. */
  #begun = 0;
  #closed = false;
  /** Whether bytes are told of when they come, and not only when they are given. */
  #isTold = false;

  constructor(options: BlobStreamOptions) {
    this.#options = options;
    this.#opened = options.first;
    this.#skip = options.first.skip;
    this.#watch = new StallWatch({
      windowMs: options.access.progressTimeoutMs,
      onStall: () => this.#opened.answer.body.destroy(stalled(options)),
    });
    this.#chunks = this.#chunksOf(options.first);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      try {
        const chunk = await this.#read();
        if (chunk === undefined) return this.#end();
        if (chunk.length > 0) return { done: false, value: chunk };
      } catch (error) {
        // All bytes are there; how the connection ended after them does not matter.
        if (this.#position === this.#options.blob.size && !(error instanceof PromoterError))
          return this.#end();
        await this.#recover(error);
      }
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#close();
    return { done: true, value: undefined };
  }

  /** The next new bytes, none while known ones are skipped; undefined at the end. */
  async #read(): Promise<Uint8Array | undefined> {
    const { blob } = this.#options;
    this.#watch.waiting();
    const { done, value } = await this.#chunks.next();
    this.#watch.moved(done === true || this.#isTold ? 0 : value.length);
    if (done === true) {
      if (this.#position === blob.size && this.#skip === 0) return undefined;
      throw socketError("ECONNRESET", `it ended after ${this.#position} of ${blob.size} bytes`);
    }
    const known = Math.min(this.#skip, value.length);
    this.#skip -= known;
    const chunk = known === 0 ? value : value.subarray(known);
    this.#position += chunk.length;
    if (this.#position > blob.size) throw tooLong(blob);
    return chunk;
  }

  async #recover(error: unknown): Promise<void> {
    const { access, context, reopen, signal } = this.#options;
    this.#opened.answer.body.destroy();
    this.#watch.restart();
    const { attempts } = access.retry;
    try {
      signal?.throwIfAborted();
      if (this.#closed) throw error;
      const known = networkError(error, { ...context, url: this.#opened.answer.url });
      if (!(known instanceof PromoterError) || !known.temporary || known.code === "SizeMismatch") throw known;
      this.#failures = this.#position - this.#begun >= progressBytes ? 1 : this.#failures + 1;
      if (this.#failures >= attempts) throw known;
      const waitMs = backoffMs(this.#failures, { ...access.retry, clock: access.clock });
      access.log.debug(
        { waitMs, position: this.#position, error: String(known) },
        `Going on to ${context.doing}`,
      );
      await sitOut(() => access.clock.sleep(waitMs, signal), this.#options);
      this.#opened = await reopen(this.#position);
    } catch (final) {
      this.#close();
      throw final;
    }
    this.#begun = this.#position;
    this.#skip = this.#opened.skip;
    this.#chunks = this.#chunksOf(this.#opened);
  }

  #chunksOf({ answer: { body } }: OpenedBlob): AsyncIterator<Uint8Array> {
    // Of a slow transfer a chunk may take long to become whole.
    this.#isTold = "onReceived" in body;
    if (this.#isTold) body.onReceived = (bytes) => this.#watch.received(bytes);
    return body[Symbol.asyncIterator]();
  }

  #end(): IteratorResult<Uint8Array, undefined> {
    this.#close();
    return { done: true, value: undefined };
  }

  #close(): void {
    this.#closed = true;
    this.#watch.stop();
    this.#opened.answer.body.destroy();
  }
}

function stalled({ context, access }: BlobStreamOptions): PromoterError {
  return new PromoterError(
    "Timeout",
    `Cannot ${context.doing} at ${context.host}/${context.repository}: hardly a byte came for ${access.progressTimeoutMs / 1000} s`,
    { temporary: true, hint: "See what slows the connection down, or run again later" },
  );
}

/** @returns the error of a blob that has more bytes than its descriptor says. */
export function tooLong(blob: Descriptor): PromoterError {
  return new PromoterError(
    "SizeMismatch",
    `Refused blob ${blob.digest}: its descriptor says ${blob.size} bytes, the registry sends more`,
    { hint: "Do not use this blob: a proxy or the registry's storage has altered it; push the image again" },
  );
}
