/** Requests per second, with one second's worth at once. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #clock: { now(): number };
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, clock: { now(): number }) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = Math.max(1, perSecond);
    this.#filledAt = clock.now();
  }

  /** Takes a token if there is one. */
  take(): boolean {
    const now = this.#clock.now();
    const gained = (Math.max(0, now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(Math.max(1, this.#perSecond), this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
