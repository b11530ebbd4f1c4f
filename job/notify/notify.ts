import type { Clock } from "../async/clock.ts";
import { isSecretAddress, parseWebhook } from "../config/notify-address.ts";
import type { NotificationTarget } from "../config/notify-settings.ts";
import { isReference, type ReferenceSources, resolveReferences } from "../config/secret-reference.ts";
import { asPromoterError, PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import { keepSecret } from "../redaction.ts";
import type { Network } from "../registry/network.ts";
import { type Announcement, isWanted } from "./announcement.ts";
import { type Posting, post } from "./post.ts";
import { type Occasion, slackMessage } from "./slack-message.ts";

export interface NotifyOptions extends ReferenceSources {
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  readonly occasion: Occasion;
  /** Milliseconds that one attempt may take, and all of them of one target. */
  readonly attemptMs: number;
  readonly totalMs: number;
  readonly signal: AbortSignal;
}

/** Tells everybody who wants to know, all at the same time. Never rejects: what fails is a warning in the log. */
export async function notifyAll(
  announcement: Announcement,
  targets: readonly NotificationTarget[],
  options: NotifyOptions,
): Promise<void> {
  await Promise.all(
    targets
      .filter(({ when }) => isWanted(announcement, when))
      .map((target) => notifyOne(announcement, target, options)),
  );
}

async function notifyOne(
  announcement: Announcement,
  target: NotificationTarget,
  options: NotifyOptions,
): Promise<void> {
  const { log } = options;
  let to = isReference(target.url) ? target.url : "";
  try {
    const url = await addressOf(target, options);
    to = url.origin;
    const headers = await headersOf(target, options);
    await post(postingOf(announcement, { url, headers, format: target.format }, options), {
      ...options,
      onRetry: (error, waitMs) =>
        log.debug({ to, waitMs, error: asPromoterError(error).message }, "Trying again to notify"),
    });
    log.info({ to }, "Posted the report");
  } catch (error) {
    const { code, message, hint } = asPromoterError(error);
    log.warn({ to, code, hint }, `Cannot post the report: ${message}`);
  }
}

async function addressOf({ url: written }: NotificationTarget, options: ReferenceSources): Promise<URL> {
  const text = await resolveReferences(written, options);
  const url = parseWebhook(text);
  if (isReference(written) || isSecretAddress(url)) {
    for (const secret of [text, url.href, `${url.pathname}${url.search}`]) keepSecret(secret);
  }
  return url;
}

async function headersOf(
  { headers }: NotificationTarget,
  options: ReferenceSources,
): Promise<Readonly<Record<string, string>>> {
  const resolved = await Promise.all(
    Object.entries(headers).map(async ([name, written]) => {
      const value = await resolveReferences(written, options);
      keepSecret(value);
      keepSecret(value.replace(/^\S+ /, ""));
      if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return [name, value] as const;
      throw new PromoterError("InvalidConfiguration", `The header ${name} holds what no header may`, {
        hint: "See that the secret has one line",
      });
    }),
  );
  return Object.fromEntries(resolved);
}

interface Addressee {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly format: NotificationTarget["format"];
}

function postingOf(
  announcement: Announcement,
  { url, headers, format }: Addressee,
  { occasion }: NotifyOptions,
): Posting {
  const forSlack = format === "slack" || (format === "auto" && isSecretAddress(url));
  const content = forSlack ? slackMessage(announcement, occasion) : announcement;
  return { url, headers, body: JSON.stringify(content) };
}
