import type { Aside } from "./aside.ts";
import { onAbort } from "./on-abort.ts";

interface Waiter {
  readonly start: () => void;
}

/** Lets at most `size` pieces of work run at a time; the rest wait in the order in which they came. */
export class Semaphore {
  readonly size: number;
  #free: number;
  readonly #waiting = new Set<Waiter>();
  /** Who had a slot already and stepped aside: they go before those who never had one. */
  readonly #returning = new Set<Waiter>();

  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`Cannot limit work to ${size} at a time`);
    this.size = size;
    this.#free = size;
  }

  /**
   * Waits for a slot, runs `work`, and gives the slot back when it has ended. Rejects when aborted while waiting.
   * What the work does through `aside` is done without the slot: a wait that is not for this limit's sake.
   */
  async run<T>(work: (aside: Aside) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const slot = new Slot(
      (queue) => this.#acquire(queue === "first" ? this.#waiting : this.#returning, signal),
      () => this.#release(),
    );
    await slot.take("first");
    try {
      return await work((wait) => slot.aside(wait));
    } finally {
      slot.end();
    }
  }

  async #acquire(queue: Set<Waiter>, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        start: () => {
          stopListening();
          resolve();
        },
      };
      queue.add(waiter);
      const stopListening = onAbort(signal, () => {
        queue.delete(waiter);
        reject(signal?.reason);
      });
    });
  }

  #release(): void {
    const queue = this.#returning.size > 0 ? this.#returning : this.#waiting;
    const [next] = queue;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    queue.delete(next);
    next.start();
  }
}

/** One piece of work's hold on a semaphore. Several of its parts may be aside at a time: the last to return takes the slot again. */
class Slot {
  readonly #acquire: (queue: "first" | "again") => Promise<void>;
  readonly #release: () => void;
  #held = false;
  #ended = false;
  #aside = 0;
  /** The slot being waited for anew. */
  #return: Promise<void> | undefined;

  constructor(acquire: (queue: "first" | "again") => Promise<void>, release: () => void) {
    this.#acquire = acquire;
    this.#release = release;
  }

  async take(queue: "first" | "again"): Promise<void> {
    await this.#acquire(queue);
    this.#held = true;
    // Meanwhile the work has ended, or another part of it has stepped aside.
    if (this.#ended || this.#aside > 0) this.#give();
  }

  async aside<T>(wait: () => Promise<T>): Promise<T> {
    this.#aside += 1;
    this.#give();
    try {
      return await wait();
    } finally {
      this.#aside -= 1;
      await this.#comeBack();
    }
  }

  end(): void {
    this.#ended = true;
    this.#give();
  }

  async #comeBack(): Promise<void> {
    if (this.#aside > 0 || this.#ended || this.#held) return;
    this.#return ??= this.take("again").finally(() => {
      this.#return = undefined;
    });
    await this.#return;
  }

  #give(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#release();
  }
}
