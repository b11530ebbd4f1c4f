import type { Clock } from "./clock.ts";

/** Resolves after `ms` milliseconds, or when the signal is aborted: whoever rests looks at the signal afterwards. */
export async function rest(ms: number, clock: Pick<Clock, "sleep">, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await clock.sleep(Math.max(0, ms), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
