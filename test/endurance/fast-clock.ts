import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../job/async/clock.ts";

/** A clock on which time passes so many times faster than on the wall: minutes of waiting take seconds. */
export function fastClock(times: number): Clock {
  const begun = performance.now();
  const epoch = Date.now();
  return {
    now: () => epoch + (performance.now() - begun) * times,
    random: () => Math.random(),
    sleep: (ms, signal) => delay(ms / times, undefined, signal ? { signal } : {}),
  };
}
