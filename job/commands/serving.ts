import type { Settings } from "../config/settings.ts";
import type { WebhookRules } from "../config/webhook-rules.ts";
import type { Metrics } from "../report/prometheus.ts";
import type { AdmissionMetrics } from "../webhook/admission-metrics.ts";
import type { Background } from "../webhook/background.ts";
import type { OnDemand } from "../webhook/on-demand.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import type { PromotionRun } from "./run-promotion.ts";
import type { ServeSettings } from "./serve-settings.ts";

/** What the parts of a serving process share. */
export interface Serving {
  /** As the command was called. */
  readonly flags: CommandInput["flags"];
  readonly own: ServeSettings;
  readonly settings: Settings;
  readonly webhook: WebhookRules;
  readonly routes: Settings["routes"];
  readonly command: CommandContext;
  readonly run: PromotionRun;
  /** Aborted when work that was begun has to end: later than the command's own signal, which ends the taking of more. */
  readonly work: AbortSignal;
  readonly metrics: Metrics;
  readonly counting: AdmissionMetrics;
  readonly onDemand: OnDemand;
  readonly background: Background;
}
