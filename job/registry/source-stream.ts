import type { ByteStream } from "../oci/content.ts";

/** The other end of an upload. Knows whether it was the source that failed, and can be closed at any time. */
export interface SourceStream {
  /** Asks for the bytes now, ahead of the first read. */
  start(): void;
  /** Resolves when the source has begun to answer; rejects with its failure. */
  opened(): Promise<void>;
  /** The bytes; asks for them first where that has not been done. */
  bytes(): ByteStream;
  /** Passes `content`, which is made of these bytes, through and remembers what it failed with. */
  guard(content: ByteStream): ByteStream;
  /** What the source failed with. */
  readonly failure: unknown;
  /** Ends the transfer from the source, also one that was not begun to be read. */
  close(): void;
}

export function sourceOf(open: () => Promise<ByteStream>): SourceStream {
  let opened: Promise<AsyncIterator<Uint8Array>> | undefined;
  let failure: unknown;
  let closed = false;
  const start = () => {
    opened ??= open().then((stream) => stream[Symbol.asyncIterator]());
    // Whoever reads gets the error; until then it is nobody's.
    opened.catch(() => undefined);
    return opened;
  };
  return {
    start,
    async opened() {
      try {
        await start();
      } catch (error) {
        if (!closed) failure = error;
        throw error;
      }
    },
    get failure() {
      return failure;
    },
    async *bytes() {
      const iterator = await start();
      yield* { [Symbol.asyncIterator]: () => iterator };
    },
    async *guard(content) {
      try {
        yield* content;
      } catch (error) {
        // What was closed ends early, and that is not its fault.
        if (!closed) failure = error;
        throw error;
      }
    },
    close() {
      closed = true;
      // A source that is being waited for ends when it answers; nobody waits for that.
      opened?.then((iterator) => iterator.return?.()).catch(() => undefined);
    },
  };
}
