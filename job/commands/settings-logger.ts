import type { Settings } from "../config/settings.ts";
import { createLogger, type Logger } from "../logger.ts";
import { wantsColor } from "../report/color.ts";
import type { Runtime } from "../runtime.ts";

/** What logs to standard error, as settings say. */
export function settingsLogger(
  { logLevel, logFormat }: Pick<Settings, "logLevel" | "logFormat">,
  { stderr, clock, env }: Pick<Runtime, "stderr" | "clock" | "env">,
): Logger {
  const color = wantsColor(env, stderr.isTerminal);
  return createLogger({ output: stderr, level: logLevel, format: logFormat, clock, color });
}
