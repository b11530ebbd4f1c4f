import type { Clock } from "../async/clock.ts";
import type { Semaphore } from "../async/semaphore.ts";
import { locateError, type Side } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { littleBytes } from "../oci/little-bytes.ts";
import type { Attestor } from "./attestor.ts";
import type { Gate } from "./gate.ts";
import type { PromotionListener } from "./progress.ts";
import type { Repositories } from "./repositories.ts";

/** How many requests that move little may be under way for each transfer that may be. */
export const requestsPerTransfer = 4;

/** What every step of a promotion shares. */
export interface PromotionContext extends Waiting {
  readonly repositories: Repositories;
  readonly clock: Clock;
  /**
   * The limit for transfers; one keeps its slot until its last byte has gone. What only waits, because a registry said
   * so, has none.
   */
  readonly limit: Semaphore;
  /** The limit for requests that move little: they cost a round trip, and no bandwidth. Default `limit`. */
  readonly requests?: Semaphore;
  /** Whether a tag that stands for another digest may be moved, where the registry lets it be moved. */
  readonly overwrite: "mutable" | "never";
  /** Whether signatures, attestations and other referrers go along; `required` fails an image whose cannot. */
  readonly referrers: "all" | "none" | "required";
  /** What must agree before an image is promoted. Default: nothing. */
  readonly gates?: readonly Gate[];
  /** Who states at the destination what was promoted. Default: nobody. */
  readonly attestor?: Attestor;
  readonly onEvent?: PromotionListener;
}

/** Runs one request within the limit for requests; its error says which side it came from. */
export function limited<T>(
  context: PromotionContext,
  side: Side,
  work: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  return within(context.requests ?? context.limit, context, side, work);
}

/** Runs a transfer of so many bytes to the destination within the limit for transfers, or, when they are few, for requests. */
export function transferring<T>(
  context: PromotionContext,
  bytes: number,
  work: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  return bytes > littleBytes
    ? within(context.limit, context, "destination", work)
    : limited(context, "destination", work);
}

function within<T>(
  limit: Semaphore,
  { signal }: PromotionContext,
  side: Side,
  work: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  return locateError({ side }, () =>
    limit.run((aside) => work({ aside, ...(signal && { signal }) }), signal),
  );
}
