import type { PromoterConfiguration } from "./schema.ts";
import type { WrittenWebhook } from "./webhook-schema.ts";

/** What the file says of who is treated how by `serve`, with its defaults. */
export interface WebhookRules {
  readonly rules: NonNullable<WrittenWebhook["rules"]>;
  readonly pin: boolean;
  readonly annotations: NonNullable<WrittenWebhook["annotations"]>;
  readonly excludeNamespaces: readonly string[];
}

export function webhookRulesOf(
  configuration: Pick<PromoterConfiguration, "webhook"> | undefined,
): WebhookRules {
  const {
    rules = [],
    pin = false,
    annotations = "all",
    excludeNamespaces = [],
  } = configuration?.webhook ?? {};
  return { rules, pin, annotations, excludeNamespaces };
}
