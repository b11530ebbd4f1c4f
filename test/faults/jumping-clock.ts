import type { Clock } from "../../job/async/clock.ts";
import { seededRandom } from "../emulator/faults.ts";

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Milliseconds of real time between two jumps, for what was woken to get on its way. */
const settleMs = 2;

/**
 * Time that goes on as it does, and jumps to whoever sleeps next: nobody waits, and everybody wakes in the order that
 * they would.
 */
export class JumpingClock implements Clock {
  #ahead = 0;
  #jumping: NodeJS.Timeout | undefined;
  readonly #random: () => number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  now(): number {
    return Date.now() + this.#ahead;
  }

  random(): number {
    return this.#random();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const sleeper = { until: this.now() + ms, wake };
      signal?.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
      this.#jumpLater();
    });
  }

  #jumpLater(): void {
    if (this.#jumping === undefined && this.#sleepers.size > 0) {
      this.#jumping = setTimeout(() => this.#jump(), settleMs);
    }
  }

  #jump(): void {
    this.#jumping = undefined;
    const next = Math.min(...[...this.#sleepers].map(({ until }) => until));
    if (Number.isFinite(next)) this.#ahead += Math.max(0, next - this.now());
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.now()) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    this.#jumpLater();
  }
}
