import { type Aside, sitOut } from "./aside.ts";
import type { Clock } from "./clock.ts";

export interface RetryPolicy {
  /** How often to try, the first time included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled for each one after. */
  readonly baseMs: number;
  /** Milliseconds that no single wait exceeds, unless the other side asked for more. */
  readonly maxMs: number;
}

export interface RetryOptions extends RetryPolicy {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** How the waits are sat out. Default: holding on to whatever is held. */
  readonly aside?: Aside;
  /**
   * Whether and when to try again: false to give up, true for the usual wait, or the least number of milliseconds
   * to wait (an answer's `Retry-After`).
   */
  readonly retryable: (error: unknown) => boolean | number;
  readonly onRetry?: (error: unknown, attempt: number, waitMs: number) => void;
}

/**
 * Calls `work` until it succeeds, the error is not retryable, or the attempts are used up; then throws the last
 * error. Waits grow exponentially and are drawn at random between half and the whole (so that many clients do not
 * come back together).
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      options.signal?.throwIfAborted();
      const again = options.retryable(error);
      if (again === false || attempt >= options.attempts) throw error;
      const waitMs = backoffMs(attempt, options, again === true ? 0 : again);
      options.onRetry?.(error, attempt, waitMs);
      await sitOut(() => options.clock.sleep(waitMs, options.signal), options);
    }
  }
}

/** Milliseconds to wait after the given failed attempt (1 is the first), at least `leastMs`. */
export function backoffMs(attempt: number, policy: RetryPolicy & { clock: Clock }, leastMs = 0): number {
  const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.max(leastMs, ceiling * (0.5 + policy.clock.random() / 2));
}
