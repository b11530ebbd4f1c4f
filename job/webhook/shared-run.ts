import type { Clock } from "../async/clock.ts";
import type { PromoteImage } from "../promotion/promote.ts";

export interface SharedRunOptions {
  readonly clock: Pick<Clock, "now">;
  /** Begins a run, whose images share what they have in common. */
  readonly begin: () => PromoteImage;
  /** Milliseconds after which another run is begun for what comes: by then what one has brought may be gone again. */
  readonly longestMs: number;
}

/** Lets images that are asked for at about the same time be promoted by one run, so that a common layer crosses once. */
export function sharedRuns({ clock, begin, longestMs }: SharedRunOptions): PromoteImage {
  let current: { readonly promote: PromoteImage; readonly startedAt: number; underWay: number } | undefined;
  return async (image) => {
    const now = clock.now();
    const run =
      current !== undefined && current.underWay > 0 && now - current.startedAt < longestMs
        ? current
        : { promote: begin(), startedAt: now, underWay: 0 };
    current = run;
    run.underWay += 1;
    try {
      return await run.promote(image);
    } finally {
      run.underWay -= 1;
    }
  };
}
