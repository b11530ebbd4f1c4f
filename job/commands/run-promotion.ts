import { Semaphore } from "../async/semaphore.ts";
import type { Settings } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import type { Logger } from "../logger.ts";
import type { Promotion } from "../parts.ts";
import { type PromotionContext, requestsPerTransfer } from "../promotion/context.ts";
import type { WantedImage } from "../promotion/image.ts";
import type { PromotionListener } from "../promotion/progress.ts";
import type { PromotionReport } from "../promotion/report.ts";
import { wantsColor } from "../report/color.ts";
import { logProgress } from "../report/log-progress.ts";
import { liveProgress } from "../report/progress.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandContext } from "./command.ts";
import { settingsLogger } from "./settings-logger.ts";

/** What a promotion, or its plan, is run with. */
export interface PromotionRun {
  readonly promotion: Promotion;
  readonly context: PromotionContext;
  readonly log: Logger;
}

/** Opens the registries, shows progress, runs `work` within the time that is allowed, and puts everything away again. */
export function runPromotion(
  settings: Settings,
  wanted: readonly WantedImage[],
  command: CommandContext,
  work: (run: PromotionRun) => Promise<PromotionReport>,
): Promise<PromotionReport> {
  const show = (signal: AbortSignal) => openDisplay(settings, wanted, command.runtime, signal);
  const watched = (run: PromotionRun, { listener }: Display) => {
    const onEvent = listener ?? logProgress(run.log);
    return work({ ...run, context: { ...run.context, onEvent } });
  };
  return withRegistries(settings, command, watched, show);
}

/** The same for what is no promotion: nothing is shown. */
export async function withRegistries<T>(
  settings: Settings,
  command: CommandContext,
  work: (run: PromotionRun, display: Display) => Promise<T>,
  show: (signal: AbortSignal) => Display = () => undisplayed(command.runtime),
): Promise<T> {
  const { runtime } = command;
  using limit = timeLimit(command.signal, settings.timeoutMs);
  const { signal } = limit;
  using display = show(signal);
  const log = settingsLogger(settings, { ...runtime, stderr: display.output });
  const parts = await command.loadParts();
  await using promotion = await parts.openPromotion({ settings, runtime, log, signal });
  const context: PromotionContext = {
    repositories: promotion.repositories,
    clock: runtime.clock,
    limit: new Semaphore(settings.concurrency),
    requests: new Semaphore(requestsPerTransfer * settings.concurrency),
    overwrite: settings.overwrite,
    referrers: settings.referrers,
    gates: promotion.gates,
    ...(promotion.attestor && { attestor: promotion.attestor }),
    signal,
  };
  try {
    return await work({ promotion, context, log }, display);
  } finally {
    await log.flush();
  }
}

interface Display extends Disposable {
  readonly output: Runtime["stderr"];
  readonly listener?: PromotionListener;
}

/** Bars for people who look at a terminal; for everybody else the log says each image as it is finished. */
function openDisplay(
  settings: Settings,
  wanted: readonly WantedImage[],
  { stderr, clock, env }: Runtime,
  signal: AbortSignal,
): Display {
  const watched = stderr.isTerminal && settings.logFormat !== "json" && settings.logLevel !== "debug";
  if (!watched) return undisplayed({ stderr });
  return liveProgress({ output: stderr, clock, color: wantsColor(env, true), images: wanted.length, signal });
}

function undisplayed({ stderr }: Pick<Runtime, "stderr">): Display {
  return { output: stderr, [Symbol.dispose]() {} };
}

/** A time within which a work has to end. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
}

/** A signal that is also aborted after so many milliseconds, where there is such a limit, until it is disposed of. */
export function timeLimit(signal: AbortSignal, timeoutMs: number | undefined): TimeLimit {
  if (timeoutMs === undefined) return { signal, [Symbol.dispose]() {} };
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new PromoterError("Timeout", `Not done after ${timeoutMs / 1000} s`, {
        temporary: true,
        hint: "Run it again, which continues where this ended, or allow more time with --timeout",
      }),
    );
  }, timeoutMs);
  timer.unref();
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
