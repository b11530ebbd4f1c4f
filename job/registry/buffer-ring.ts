/** Bytes of each buffer, 256 KiB: a few system calls for a megabyte, and more than a socket buffers before it waits. */
export const bufferBytes: number = 256 * 1024;

/**
 * The buffer that is filled, those that are full, and two that whoever reads may still hold: the chunk that it was given
 * last, and the one before. One more lets the network go on meanwhile.
 */
const buffers = 5;
const heldByReader = 2;

/**
 * Buffers that are filled again and again, in turns: memory that is made anew for each chunk has to be collected, which
 * costs more than the bytes themselves.
 */
export class BufferRing {
  readonly #free: Uint8Array[] = [];
  readonly #full: Uint8Array[] = [];
  readonly #held: Uint8Array[] = [];
  #made = 0;
  #filled = 0;
  #filling: Uint8Array = this.#another();

  /** Where the next bytes go. */
  get space(): Uint8Array {
    return this.#filling.subarray(this.#filled);
  }

  /** What has come since the last chunk was closed. */
  get begun(): Uint8Array {
    return this.#filling.subarray(0, this.#filled);
  }

  /** Whether no buffer is left beside the one that is being filled: no more must come before a chunk is taken. */
  get isTight(): boolean {
    return this.#free.length === 0 && this.#made >= buffers;
  }

  /** Says that this many bytes have come into the space; fewer than none takes the last ones back. */
  fill(bytes: number): void {
    this.#filled += bytes;
  }

  /** Drops the first bytes of what has been begun. */
  drop(bytes: number): void {
    this.#filling.copyWithin(0, bytes, this.#filled);
    this.#filled -= bytes;
  }

  /** Makes a chunk of what has been begun, if that is anything. Not while {@link isTight}. */
  close(): void {
    if (this.#filled === 0) return;
    this.#full.push(this.begun);
    this.#filling = this.#another();
    this.#filled = 0;
  }

  /** The next chunk, which holds its bytes until the next but one is taken; undefined when there is none. */
  take(): Uint8Array | undefined {
    const chunk = this.#full.shift();
    if (chunk === undefined) return undefined;
    this.#held.push(chunk);
    const returned = this.#held.length > heldByReader ? this.#held.shift() : undefined;
    if (returned !== undefined) this.#free.push(Buffer.from(returned.buffer));
    return chunk;
  }

  #another(): Uint8Array {
    const known = this.#free.pop();
    if (known !== undefined) return known;
    this.#made += 1;
    return Buffer.allocUnsafeSlow(bufferBytes);
  }
}
