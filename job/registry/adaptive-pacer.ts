import type { Clock } from "../async/clock.ts";
import { TokenBucket } from "../async/token-bucket.ts";
import type { Pacer } from "./pacing.ts";

/** More than any run sends: nothing is held back before a registry complains. */
const unhindered = { perSecond: 2_000, burst: 2_000 };

/** A pacer for a registry whose limits nobody knows: it finds them by its answers of 429, for all kinds of request together. */
export function adaptivePacer(clock: Clock): Pacer {
  const bucket = new TokenBucket({ clock, quota: unhindered });
  return {
    admit: (_, waiting) => bucket.admit(waiting),
    throttled: (_, retryAfterMs) => bucket.throttled(retryAfterMs),
  };
}
