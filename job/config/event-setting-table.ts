import { PromoterError } from "../error.ts";
import { drainSetting } from "./drain-setting.ts";
import { parseDuration } from "./duration.ts";
import { parseListenAddress } from "./listen-address.ts";
import { checkReferences, isReference } from "./secret-reference.ts";
import { defaulted, setting } from "./setting-forms.ts";
import { asText, parseConcurrency } from "./setting-values.ts";

/** The settings of `on-push`: where events come from, and how many are worked on. */
export const eventSettings = {
  queueUrl: setting({
    flag: "--queue-url <url>",
    variable: "PROMOTER_QUEUE_URL",
    description: "take events from this queue of SQS, until stopped",
    parse: asText,
  }),
  listen: setting({
    flag: "--listen <address>",
    variable: "PROMOTER_LISTEN",
    description: "take events that are posted to /events here, until stopped: [HOST:]PORT",
    parse: parseListenAddress,
  }),
  health: setting({
    flag: "--health <address>",
    variable: "PROMOTER_HEALTH",
    description: "answer /healthz and /readyz here: [HOST:]PORT; --listen answers them too",
    parse: parseListenAddress,
  }),
  authHeader: defaulted({
    flag: "--auth-header <name>",
    variable: "PROMOTER_AUTH_HEADER",
    description: "header in which whoever posts events shows the secret",
    parse: parseHeaderName,
    default: "x-api-key",
  }),
  authSecret: setting({
    flag: "--auth-secret <reference>",
    variable: "PROMOTER_AUTH_SECRET",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people write
    description: "where that secret stands: file:PATH, or ${env:NAME}",
    parse: parseSecretReference,
  }),
  atOnce: defaulted({
    flag: "--at-once <number>",
    variable: "PROMOTER_AT_ONCE",
    description: "events that are worked on at the same time",
    parse: parseConcurrency,
    default: 10,
  }),
  visibility: defaulted({
    flag: "--visibility <duration>",
    variable: "PROMOTER_VISIBILITY",
    description: "how long the queue hides a message; extended while it is worked on; default 1m",
    parse: parseVisibility,
    default: 60_000,
  }),
  drain: drainSetting,
} as const;

function parseHeaderName(text: string): string {
  if (/^[A-Za-z0-9-]{1,100}$/.test(text)) return text;
  throw invalid(
    text,
    "it is no header's name",
    "Write the name that EventBridge's connection has: x-api-key",
  );
}

/** What is written on a command line, or into a pod, is read by many: it only names the secret. */
function parseSecretReference(text: string): string {
  if (isReference(text)) return checkReferences(text);
  throw new PromoterError("InvalidConfiguration", "Cannot take the secret itself", {
    hint: "Name the file that holds it: file:/var/run/secrets/events/secret",
  });
}

/** SQS takes up to 12 hours, in whole seconds; what is extended every half of it needs some. */
function parseVisibility(text: string): number {
  const ms = parseDuration(text);
  if (ms >= 2_000 && ms <= 12 * 3_600_000) return ms;
  throw invalid(text, "SQS cannot hide a message for so long", "Write a duration from 2s to 12h");
}

function invalid(text: string, what: string, hint: string): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `Cannot use ${JSON.stringify(text.slice(0, 100))}: ${what}`,
    {
      hint,
    },
  );
}
