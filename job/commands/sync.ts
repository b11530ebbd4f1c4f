import { syncSettingsOf } from "../config/sync-settings.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOf } from "./exit-code.ts";
import { writeReport } from "./format-report.ts";
import { loadConfigurationFile, loadSettings } from "./load-settings.ts";
import { runSync } from "./run-sync.ts";

/** `sync`: sees that what rules want, and manifests name, is at its destination. With `--dry-run` it says what it would do. */
export async function sync(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime } = command;
  const settings = await loadSettings({ ...input, images: [] }, runtime);
  const configuration = await loadConfigurationFile(input, runtime);
  const syncing = syncSettingsOf({ flags: input.flags, env: runtime.env, configuration });
  const report = await runSync(settings, syncing, command);
  await writeReport(report, settings.output, runtime);
  return exitCodeOf(report);
}
