import type { Settings } from "../config/settings.ts";
import type { PromoterError } from "../error.ts";
import { type Announcement, failureOf, isWanted } from "../notify/announcement.ts";
import type { CommandContext } from "./command.ts";
import { settingsLogger } from "./settings-logger.ts";

/** Tells whoever is to know what was done. Never rejects: what fails is a warning in the log. */
export async function notifyOfReport(
  report: Announcement,
  settings: Settings,
  { runtime, signal, loadParts }: CommandContext,
): Promise<void> {
  // A sync that finds nothing to do loads nothing for it.
  if (signal.aborted || !settings.notify.some(({ when }) => isWanted(report, when))) return;
  const log = settingsLogger(settings, runtime);
  const parts = await loadParts();
  await parts.notify(report, { settings, runtime, log, signal });
  await log.flush();
}

/** The same of a command that could not do its work. */
export async function notifyOfError(
  error: PromoterError,
  settings: Settings,
  command: CommandContext,
): Promise<void> {
  await notifyOfReport(failureOf(error, command.runtime.clock.now()), settings, command);
}
