import type { Clock } from "../async/clock.ts";
import { backoffMs, retry } from "../async/retry.ts";
import { asPromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import type { HandleEvents } from "./event-promoter.ts";
import { errorsOf } from "./event-report.ts";
import type { MessageQueue, QueueMessage } from "./message-queue.ts";

export interface QueueWorkOptions {
  readonly handle: HandleEvents;
  /** Messages that are worked on at the same time. */
  readonly atOnce: number;
  /** Milliseconds that a message is hidden from others; extended while it is worked on. */
  readonly visibilityMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the taking of messages; what has been taken is worked on to its end. */
  readonly signal: AbortSignal;
  /** Ends the work on messages; what is not done is given back to the queue at once. */
  readonly workSignal: AbortSignal;
  /** Told whether the queue lets itself be asked. */
  readonly onReady?: (ready: boolean) => void;
}

const mostAtOnce = 10;
/** How long calls to the queue are tried, and how long a message rests after a failure that may pass. */
const callPolicy = { attempts: 5, baseMs: 500, maxMs: 10_000 };
const pausePolicy = { attempts: 1, baseMs: 10_000, maxMs: 15 * 60_000 };

/**
 * Works on a queue's messages until the signal is aborted. A message is deleted after everything that it tells of is
 * done, or needs no doing; else it stays, so that it comes again, and ends in the dead-letter queue when it has come
 * too often.
 *
 * @throws {PromoterError} what the queue says when it cannot be used at all.
 */
export async function workQueue(queue: MessageQueue, options: QueueWorkOptions): Promise<void> {
  const { atOnce, signal } = options;
  const running = new Set<Promise<void>>();
  try {
    while (!signal.aborted) {
      if (running.size >= atOnce) {
        await Promise.race(running);
        continue;
      }
      for (const message of await receive(queue, Math.min(mostAtOnce, atOnce - running.size), options)) {
        const work = workOn(message, queue, options).finally(() => running.delete(work));
        running.add(work);
      }
    }
  } finally {
    await Promise.all(running);
  }
}

async function receive(
  queue: MessageQueue,
  most: number,
  { visibilityMs, clock, log, signal, onReady }: QueueWorkOptions,
): Promise<readonly QueueMessage[]> {
  try {
    const messages = await retry(() => queue.receive({ most, visibilityMs, signal }), {
      ...callPolicy,
      // A queue that cannot be reached will be reachable again: nothing is lost by waiting.
      attempts: Number.POSITIVE_INFINITY,
      clock,
      signal,
      retryable: isTemporary,
      onRetry(error) {
        onReady?.(false);
        const { code, message, hint } = asPromoterError(error);
        log.warn({ code, hint }, message);
      },
    });
    onReady?.(true);
    return messages;
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
}

async function workOn(message: QueueMessage, queue: MessageQueue, options: QueueWorkOptions): Promise<void> {
  const { handle, log, workSignal } = options;
  const stop = new AbortController();
  const hidden = keepHidden(message, queue, options, stop.signal);
  const reports = await handle(message.body);
  stop.abort();
  await hidden;
  const errors = reports.flatMap(errorsOf);
  try {
    if (!reports.some(({ outcome }) => outcome === "failed")) {
      await call(() => queue.delete(message), options);
    } else if (workSignal.aborted) {
      await call(() => queue.hide(message, 0), options);
    } else if (errors.every(({ temporary }) => temporary)) {
      const waitMs = backoffMs(message.receiveCount, { ...pausePolicy, clock: options.clock });
      await call(() => queue.hide(message, waitMs), options);
      log.warn(about(message, reports, { retryInMs: Math.round(waitMs) }), firstMessage(errors));
    } else {
      log.error(about(message, reports, { left: "for the dead-letter queue" }), firstMessage(errors));
    }
  } catch (error) {
    const { code, message: text, hint } = asPromoterError(error);
    log.warn({ messageId: message.id, code, hint }, `The message will come again: ${text}`);
  }
}

/** Extends the time for which others do not see a message, until `stopped`. */
async function keepHidden(
  message: QueueMessage,
  queue: MessageQueue,
  { visibilityMs, clock, log }: QueueWorkOptions,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    try {
      await clock.sleep(visibilityMs / 2, stopped);
      await queue.hide(message, visibilityMs, { signal: stopped });
    } catch (error) {
      if (stopped.aborted) return;
      const { code, message: text, hint } = asPromoterError(error);
      log.warn({ messageId: message.id, code, hint }, text);
    }
  }
}

function call(work: () => Promise<void>, { clock }: QueueWorkOptions): Promise<void> {
  return retry(work, { ...callPolicy, clock, retryable: isTemporary });
}

function isTemporary(error: unknown): boolean {
  return asPromoterError(error).temporary;
}

function about(
  { id, receiveCount }: QueueMessage,
  reports: Awaited<ReturnType<HandleEvents>>,
  more: Readonly<Record<string, unknown>>,
): object {
  const [failed] = reports.filter(({ outcome }) => outcome === "failed");
  const [error] = reports.flatMap(errorsOf);
  const image = failed?.images.find(({ status }) => status === "failed")?.destination ?? failed?.source;
  return {
    messageId: id,
    ...(failed?.event !== undefined && { event: failed.event }),
    ...(image !== undefined && { image }),
    ...(error && { code: error.code, ...(error.hint !== undefined && { hint: error.hint }) }),
    received: receiveCount,
    ...more,
  };
}

function firstMessage(errors: readonly { readonly message: string }[]): string {
  return errors[0]?.message ?? "The event could not be handled";
}
