import type { Settings } from "../config/settings.ts";
import { asPromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import type { Announcement } from "../notify/announcement.ts";
import { openNetwork } from "../registry/network.ts";
import type { Runtime } from "../runtime.ts";
import { defaultPatience, userAgent } from "./surroundings.ts";

export interface NotificationOptions {
  readonly settings: Pick<Settings, "notify" | "environment">;
  readonly runtime: Pick<Runtime, "env" | "clock" | "readFile" | "patience">;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The longest that one attempt to tell somebody may take, in milliseconds: an image may be waiting to roll. */
const maxAttemptMs = 10_000;

/** Posts what there is to tell to all who are to know. Never rejects. */
export async function notify(announcement: Announcement, options: NotificationOptions): Promise<void> {
  const { settings, runtime, log, signal } = options;
  const { connectMs, answerMs } = runtime.patience ?? defaultPatience;
  const attemptMs = Math.min(maxAttemptMs, answerMs);
  try {
    const { notifyAll } = await import("../notify/notify.ts");
    await using network = openNetwork({
      env: runtime.env,
      userAgent,
      connectionsPerOrigin: 4,
      connectTimeoutMs: Math.min(attemptMs, connectMs),
    });
    await notifyAll(announcement, settings.notify, {
      ...runtime,
      network,
      log,
      signal,
      attemptMs,
      totalMs: 3 * attemptMs,
      occasion: {
        environment: settings.environment?.name,
        application: runtime.env.ARGOCD_APP_NAME || undefined,
      },
    });
  } catch (error) {
    const { code, message, hint } = asPromoterError(error);
    log.warn({ code, hint }, `Cannot post the report: ${message}`);
  }
}
