import type { Settings } from "../config/settings.ts";
import type { WebhookRules } from "../config/webhook-rules.ts";
import type { Background } from "../webhook/background.ts";
import type { OnDemand } from "../webhook/on-demand.ts";
import type { CommandContext } from "./command.ts";
import type { PromotionRun } from "./run-promotion.ts";
import type { ServeSettings } from "./serve-settings.ts";

/** What the parts of a serving process share. */
export interface Serving {
  readonly own: ServeSettings;
  readonly settings: Settings;
  readonly webhook: WebhookRules;
  readonly routes: Settings["routes"];
  readonly command: CommandContext;
  readonly run: PromotionRun;
  readonly onDemand: OnDemand;
  readonly background: Background;
}
