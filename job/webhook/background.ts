import type { Clock } from "../async/clock.ts";
import { backoffMs } from "../async/retry.ts";
import type { Log } from "../log.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { OnDemand } from "./on-demand.ts";

export interface BackgroundOptions {
  readonly onDemand: Pick<OnDemand, "ensure">;
  readonly clock: Clock;
  readonly log: Log;
  /** Images that may wait to be promoted. */
  readonly most: number;
  /** Aborted when no further attempts are to be made. */
  readonly stopping: AbortSignal;
  /** Ends all work. */
  readonly signal: AbortSignal;
}

/** Promotes what nobody waits for. */
export interface Background {
  /**
   * Sees to an image, with several attempts where a failure may pass. Many who ask for the same are one.
   *
   * @returns false when there are too many already, and nothing will be done.
   */
  add(image: Reference, origin: string): boolean;
  /** Images that are being seen to. */
  readonly size: number;
  /** Resolves when nothing is left to do. */
  settled(): Promise<void>;
}

const policy = { attempts: 6, baseMs: 2_000, maxMs: 60_000 };

export function openBackground(options: BackgroundOptions): Background {
  const underWay = new Map<string, Promise<void>>();
  return {
    add(image, origin) {
      const name = formatReference(image);
      if (underWay.has(name)) return true;
      if (underWay.size >= options.most || options.signal.aborted) return false;
      underWay.set(
        name,
        promoteUnwatched(image, origin, options).finally(() => underWay.delete(name)),
      );
      return true;
    },
    get size() {
      return underWay.size;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

async function promoteUnwatched(
  image: Reference,
  origin: string,
  { onDemand, clock, log, stopping }: BackgroundOptions,
): Promise<void> {
  const name = formatReference(image);
  for (let attempt = 1; ; attempt += 1) {
    const ensured = await onDemand.ensure(image, { origin });
    if (ensured.status !== "failed") return;
    const { code, message, hint, temporary } = ensured.error;
    const isLast = !temporary || attempt >= policy.attempts || stopping.aborted;
    log[isLast ? "error" : "warn"]({ image: name, origin, code, hint, attempt }, message);
    if (isLast) return;
    // Who stops meanwhile gives it one more attempt, and no other.
    await clock.sleep(backoffMs(attempt, { ...policy, clock }), stopping).catch(() => undefined);
  }
}
