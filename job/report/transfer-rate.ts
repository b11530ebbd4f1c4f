interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** The rate of a transfer as the average over the last `windowMs` milliseconds. */
export class TransferRate {
  readonly #windowMs: number;
  readonly #samples: Sample[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Notes that `bytes` had been sent altogether at the time `at`, in milliseconds. */
  sample(at: number, bytes: number): void {
    this.#samples.push({ at, bytes });
    // The last sample from before the window stays: it is where the window begins.
    while ((this.#samples[1]?.at ?? Number.POSITIVE_INFINITY) <= at - this.#windowMs) this.#samples.shift();
  }

  /** Bytes per second; 0 while nothing is known, or when more had to be sent again than was sent. */
  bytesPerSecond(): number {
    const first = this.#samples.at(0);
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return Math.max(0, ((last.bytes - first.bytes) / (last.at - first.at)) * 1000);
  }
}
