import { type Aside, sitOut } from "./aside.ts";
import type { Clock } from "./clock.ts";
import { onAbort } from "./on-abort.ts";

export interface RequestQuota {
  /** Requests per second, for long. */
  readonly perSecond: number;
  /** Requests that may come at once after a rest. */
  readonly burst: number;
}

export interface AdmitOptions {
  readonly signal?: AbortSignal;
  readonly aside?: Aside;
}

/** However often the registry complains, one request goes out in this many milliseconds. */
const slowestIntervalMs = 2000;
/** Complaints within this many milliseconds are about the same burst of requests. */
const halvingIntervalMs = 100;
/** Milliseconds in which a rate that fell doubles: what is far below its quota comes back by small steps. */
const doublingMs = 5_000;

interface Waiter {
  /** Resolves when the request is about to go, or nobody wants it to any more. */
  readonly admit: () => Promise<void>;
}

/**
 * Admits requests in the order in which they came, at the quota's rate. A complaint of the registry halves the rate,
 * which then grows back by degrees, so that a registry with far less to give than its quota is asked for little more.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #quota: RequestQuota;
  readonly #waiting = new Set<Waiter>();
  #perMs: number;
  #tokens: number;
  #refilledAt: number;
  #halvedAt = Number.NEGATIVE_INFINITY;
  /** Nothing is admitted before this time. */
  #closedUntil = Number.NEGATIVE_INFINITY;
  /** Somebody waits, or was admitted and has not gone yet. */
  #admitting = false;
  /** Ends the pause of a running pump that nobody waits for any more. */
  #pump: AbortController | undefined;

  constructor(options: { readonly clock: Clock; readonly quota: RequestQuota }) {
    this.#clock = options.clock;
    this.#quota = options.quota;
    this.#perMs = options.quota.perSecond / 1000;
    this.#tokens = options.quota.burst;
    this.#refilledAt = options.clock.now();
  }

  /** Resolves when the request may be sent. Rejects with the signal's reason when aborted before that. */
  async admit(waiting: AdmitOptions = {}): Promise<void> {
    waiting.signal?.throwIfAborted();
    if (this.#waiting.size === 0 && !this.#admitting && this.#take()) return;
    const returned = Promise.withResolvers<void>();
    try {
      await sitOut(() => this.#turn(returned.promise, waiting.signal), waiting);
    } finally {
      returned.resolve();
    }
  }

  #turn(returned: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        admit: () => {
          stopListening();
          resolve();
          return returned;
        },
      };
      this.#waiting.add(waiter);
      const stopListening = onAbort(signal, () => {
        this.#waiting.delete(waiter);
        if (this.#waiting.size === 0) this.#pump?.abort();
        reject(signal?.reason);
      });
      if (!this.#admitting) void this.#admitWaiting();
    });
  }

  /** The registry refused a request for coming too fast; it may have said for how many milliseconds to stay away. */
  throttled(retryAfterMs = 0): void {
    this.#refill();
    const now = this.#clock.now();
    this.#closedUntil = Math.max(this.#closedUntil, now + retryAfterMs);
    if (now - this.#halvedAt < halvingIntervalMs) return;
    this.#halvedAt = now;
    this.#perMs = Math.max(1 / slowestIntervalMs, this.#perMs / 2);
    this.#tokens = Math.min(this.#tokens, 0);
  }

  async #admitWaiting(): Promise<void> {
    this.#admitting = true;
    while (this.#waiting.size > 0) {
      const [next] = this.#waiting;
      if (next !== undefined && this.#take()) {
        this.#waiting.delete(next);
        // Whoever sat aside may wait for its place meanwhile: nobody overtakes it, so that no burst gathers behind it.
        await next.admit();
        continue;
      }
      const pump = new AbortController();
      this.#pump = pump;
      // Only an abort of the last waiter cuts the pause short, and then the loop has nothing more to do.
      await this.#clock.sleep(this.#msToNext(), pump.signal).catch(() => undefined);
    }
    this.#pump = undefined;
    this.#admitting = false;
  }

  #take(): boolean {
    this.#refill();
    // A pause may end a rounding error too early.
    if (this.#tokens < 0.999_999 || this.#clock.now() < this.#closedUntil) return false;
    this.#tokens -= 1;
    return true;
  }

  #msToNext(): number {
    const forToken = (1 - this.#tokens) / this.#perMs;
    return Math.max(1, Math.ceil(Math.max(forToken, this.#closedUntil - this.#clock.now())));
  }

  #refill(): void {
    const now = this.#clock.now();
    const elapsed = Math.max(0, now - this.#refilledAt);
    this.#refilledAt = now;
    this.#tokens = Math.min(this.#quota.burst, this.#tokens + elapsed * this.#perMs);
    const full = this.#quota.perSecond / 1000;
    this.#perMs = Math.min(full, this.#perMs * 2 ** (elapsed / doublingMs));
  }
}
