import type { Settings } from "../config/settings.ts";
import { syncSettingsOf } from "../config/sync-settings.ts";
import type { SyncReport } from "../replication/removal-report.ts";
import { wantsColor } from "../report/color.ts";
import { formatPruneError, formatRemovals, formatRemovalsMarkdown } from "../report/removals.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOfErrors } from "./exit-code.ts";
import { writeReport } from "./format-report.ts";
import { loadConfigurationFile, loadSettings } from "./load-settings.ts";
import { notifyOfReport } from "./notify.ts";
import { checkPrune } from "./prune.ts";
import { runSync } from "./run-sync.ts";

/** `sync`: sees that what rules want, and manifests name, is at its destination. With `--dry-run` it says what it would do. */
export async function sync(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime } = command;
  const settings = await loadSettings({ ...input, images: [] }, runtime);
  const configuration = await loadConfigurationFile(input, runtime);
  const syncing = syncSettingsOf({ flags: input.flags, env: runtime.env, configuration });
  if (syncing.prune !== undefined) checkPrune(settings, syncing.prune, runtime);
  const report = await runSync(settings, syncing, command);
  await writeReport(report, settings.output, runtime);
  writeRemovals(report, settings.output, runtime);
  if (!settings.dryRun) await notifyOfReport(report, settings, command);
  return exitCodeOfSync(report);
}

/** JSON and YAML have them in the report itself. */
function writeRemovals(
  { removals = [], pruneError }: SyncReport,
  format: Settings["output"],
  { stdout, env }: Runtime,
): void {
  if (removals.length === 0 && pruneError === undefined) return;
  if (format === "markdown") stdout.write(formatRemovalsMarkdown(removals, pruneError));
  if (format !== "text") return;
  const options = { color: wantsColor(env, stdout.isTerminal) };
  stdout.write(formatRemovals(removals, options));
  if (pruneError !== undefined) stdout.write(formatPruneError(pruneError, options));
}

/** What a registry has not removed may go another time. */
function exitCodeOfSync({ images, removals = [], pruneError }: SyncReport): number {
  return exitCodeOfErrors([
    ...images.flatMap(({ error }) => error ?? []),
    ...removals.flatMap(({ status, error }) => (status === "failed" ? [error ?? { temporary: true }] : [])),
    ...(pruneError === undefined ? [] : [pruneError]),
  ]);
}
