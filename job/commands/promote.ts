import type { Settings } from "../config/settings.ts";
import { asPromoterError } from "../error.ts";
import { announceError, announcePromotion } from "../kubernetes/announce.ts";
import { silentLog } from "../log.ts";
import { planPromotion } from "../promotion/plan.ts";
import type { PromotionReport } from "../promotion/report.ts";
import { promoteInBatches } from "../replication/promote-in-batches.ts";
import { imagesOfShard } from "../replication/shard.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import { writeReport } from "./format-report.ts";
import { loadSettings } from "./load-settings.ts";
import { notifyOfError, notifyOfReport } from "./notify.ts";
import { readWantedImages } from "./read-images.ts";
import { runPromotion } from "./run-promotion.ts";

/** `promote`: sees that each image is at its destination. With `--dry-run` it says what it would do. */
export async function promote(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime, signal } = command;
  let known: Settings | undefined;
  try {
    const settings = await loadSettings(input, runtime);
    known = settings;
    if (settings.dryRun) return exitCodeOf(await reportPlan(settings, command));
    const wanted = imagesOfShard(await readWantedImages(settings, runtime), settings.shard);
    const report = await runPromotion(settings, wanted, command, async ({ promotion, context, log }) => {
      const done = await promoteInBatches(wanted, context, settings.missingOnly ? promotion.tags : undefined);
      await announcePromotion({ ...runtime, log, report: done, signal });
      return done;
    });
    await writeReport(report, settings.output, runtime);
    await notifyOfReport(report, settings, command);
    return exitCodeOf(report);
  } catch (thrown) {
    const error = asPromoterError(thrown);
    await announceError({ ...runtime, log: silentLog, error, at: runtime.clock.now(), signal });
    if (known !== undefined && !known.dryRun) await notifyOfError(error, known, command);
    throw error;
  }
}

/** `plan`: the same without writing anything; the exit code says whether there is work. */
export async function plan(input: CommandInput, command: CommandContext): Promise<number> {
  const report = await reportPlan(await loadSettings(input, command.runtime), command);
  const failed = exitCodeOf(report);
  if (failed !== exitCodes.done) return failed;
  return report.summary.copied + report.summary.retagged > 0 ? exitCodes.workToDo : exitCodes.done;
}

async function reportPlan(settings: Settings, command: CommandContext): Promise<PromotionReport> {
  const wanted = imagesOfShard(await readWantedImages(settings, command.runtime), settings.shard);
  const report = await runPromotion(settings, wanted, command, ({ promotion, context }) => {
    const { onEvent: _, ...quiet } = context;
    const createRepositories = settings.createRepositories !== false;
    return planPromotion(wanted, { createRepositories, ...promotion.planning }, quiet);
  });
  await writeReport(report, settings.output, command.runtime);
  return report;
}
