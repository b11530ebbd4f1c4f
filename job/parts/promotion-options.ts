import type { Settings } from "../config/settings.ts";
import type { Log } from "../log.ts";
import type { Runtime } from "../runtime.ts";

/** What a promotion is opened with. */
export interface PromotionOptions {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly signal: AbortSignal;
}
