interface Waiter {
  readonly start: () => void;
}

/** Lets at most `size` pieces of work run at a time; the rest wait in the order in which they came. */
export class Semaphore {
  readonly size: number;
  #free: number;
  readonly #waiting = new Set<Waiter>();

  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`Cannot limit work to ${size} at a time`);
    this.size = size;
    this.#free = size;
  }

  /** Waits for a slot, runs `work`, and gives the slot back when it has ended. Rejects when aborted while waiting. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#acquire(signal);
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  async #acquire(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        start: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next.start();
  }
}
