/** Bytes per second below which a transfer counts as standing still: 1 KiB/s. */
const slowestBytesPerSecond = 1024;

/** How often a window is looked into. */
const looks = 4;

export interface StallWatchOptions {
  /** Milliseconds that a transfer may stand still. */
  readonly windowMs: number;
  readonly onStall: () => void;
}

/**
 * Finds transfers that hardly move, while it is the other side that is waited for: time that our own consumer takes
 * does not count. Costs one timer per transfer and nothing per chunk.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #isWaiting = false;
  #bytes = 0;
  #looked = 0;
  #foundWaiting = 0;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.windowMs / looks);
    this.#timer.unref();
  }

  /** From now on the other side is waited for. */
  waiting(): void {
    this.#isWaiting = true;
  }

  /** The other side gave, or took, this many bytes. */
  moved(bytes: number): void {
    this.#isWaiting = false;
    this.#bytes += bytes;
  }

  /** Bytes have come that are not given yet: the other side moves, and is still waited for. */
  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Another transfer takes the place of this one: the time until it begins does not count. */
  restart(): void {
    this.#isWaiting = false;
    this.#begin();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#looked += 1;
    if (this.#isWaiting) this.#foundWaiting += 1;
    if (this.#looked < looks) return;
    const least = (slowestBytesPerSecond * this.#options.windowMs) / 1000;
    const stalled = this.#foundWaiting === looks && this.#bytes < least;
    this.#begin();
    if (stalled) this.#options.onStall();
  }

  #begin(): void {
    this.#looked = 0;
    this.#foundWaiting = 0;
    this.#bytes = 0;
  }
}
