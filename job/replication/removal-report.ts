import type { PromotionReport, ReportedError } from "../promotion/report.ts";

/** What came, or would come, of an image that rules no longer want. */
export interface RemovalReport {
  /** By its digest at the destination. */
  readonly image: string;
  readonly tags: readonly string[];
  /** `to-remove`: it would go. `spared`: it stays, for the reason given. `failed`: the registry did not remove it. */
  readonly status: "to-remove" | "removed" | "spared" | "failed";
  readonly reason: string;
  /** Only where the registry could not be asked, or refused. */
  readonly error?: ReportedError;
}

/** What a `sync` did, or would do. */
export interface SyncReport extends PromotionReport {
  /** Only with `--prune`. */
  readonly removals?: readonly RemovalReport[];
  /** Why nothing was removed. */
  readonly pruneError?: ReportedError;
}
