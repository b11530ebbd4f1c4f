import type { Clock } from "../async/clock.ts";
import { withSignal } from "../async/with-signal.ts";
import { targetOf } from "../oci/reference.ts";
import { limited } from "../promotion/context.ts";
import { imageReport, reportedError } from "../promotion/image-report.ts";
import { sharedPromotion } from "../promotion/promote.ts";
import type { Route } from "../promotion/route.ts";
import { type OnDemand, type OnDemandObserver, openOnDemand } from "../webhook/on-demand.ts";
import { sharedRuns } from "../webhook/shared-run.ts";
import { type PromotionRun, timeLimit } from "./run-promotion.ts";
import type { ServeSettings } from "./serve-settings.ts";

export interface DemandOptions {
  readonly own: Pick<ServeSettings, "atOnce" | "queue" | "cacheTtlMs">;
  readonly routes: readonly Route[];
  /** Milliseconds that one image may take. */
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
  /** Ends all work. */
  readonly signal: AbortSignal;
  readonly observe: OnDemandObserver;
}

/** Milliseconds for which images are promoted together, so that what they have in common crosses once. */
const togetherMs = 30_000;

/** Promotes on demand with the registries of a run. */
export function demandOf({ promotion, context }: PromotionRun, options: DemandOptions): OnDemand {
  const { own, routes, timeoutMs, clock, signal, observe } = options;
  const promote = sharedRuns({
    clock,
    longestMs: togetherMs,
    begin() {
      // Somebody may have made a repository since, or changed one.
      promotion.forget();
      return sharedPromotion(context);
    },
  });
  return openOnDemand({
    routes,
    clock,
    signal,
    observe,
    atOnce: own.atOnce,
    most: own.queue,
    ttlMs: own.cacheTtlMs,
    async promote(image) {
      using limit = timeLimit(signal, timeoutMs);
      try {
        // Another image may need what is under way: it is left to end by itself.
        return await withSignal(promote(image), limit.signal);
      } catch (error) {
        return imageReport(image, { status: "failed", error: reportedError(error) });
      }
    },
    async resolve(destination) {
      const found = await limited(context, "destination", (waiting) =>
        context.repositories.destination(destination).resolve(targetOf(destination), waiting),
      );
      return found?.digest;
    },
  });
}
