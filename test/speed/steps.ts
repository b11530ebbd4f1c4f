import { setImmediate, setTimeout } from "node:timers/promises";

const quietMs = 30;
/** Turns of the event loop in which whatever is under way gets on. */
const turns = 25;

/**
 * Distance without time: answers wait until nothing more is asked, and then all go at once. How often that happens is
 * the longest chain of requests of which each needs the answer to the one before.
 */
export class Steps {
  readonly #waiting: (() => void)[] = [];
  #arrived = 0;
  #taken = 0;

  /** For an emulator's `beforeAnswer`. */
  readonly arrive = (): Promise<void> => {
    this.#arrived += 1;
    return new Promise((resolve) => this.#waiting.push(resolve));
  };

  /** Does the work, step by step, and answers how many steps it was. */
  async count(work: () => Promise<unknown>): Promise<number> {
    let done = false;
    const working = work().finally(() => {
      done = true;
    });
    this.#taken = 0;
    while (!done) {
      await this.#quiet();
      if (this.#waiting.length === 0) continue;
      this.#taken += 1;
      for (const release of this.#waiting.splice(0)) release();
    }
    await working;
    return this.#taken;
  }

  async #quiet(): Promise<void> {
    let seen: number;
    do {
      seen = this.#arrived;
      await setTimeout(quietMs);
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    } while (seen !== this.#arrived);
  }
}
