import { settingOf } from "../config/setting.ts";
import { statusSettings } from "../config/status-setting-table.ts";
import { wantsColor } from "../report/color.ts";
import { formatted } from "../report/formatted.ts";
import type { EnvironmentStatus } from "../status/environment-status.ts";
import { formatStatusMarkdown } from "../status/markdown.ts";
import { statusPage } from "../status/page.ts";
import { formatStatusText } from "../status/text.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOfErrors, exitCodes } from "./exit-code.ts";
import { readStatus } from "./read-status.ts";

/** `status`: which modules are in which environments. */
export async function status({ flags }: CommandInput, command: CommandContext): Promise<number> {
  const { stdout, env } = command.runtime;
  const format = settingOf(statusSettings.output, { flags, env });
  const result = await readStatus({ flags }, command);
  stdout.write(
    format === "html"
      ? statusPage(result)
      : await formatted(format, {
          document: () => result,
          text: () => formatStatusText(result, { color: wantsColor(env, stdout.isTerminal) }),
          markdown: () => formatStatusMarkdown(result),
        }),
  );
  const errors = errorsOf(result);
  if (errors.length > 0) return exitCodeOfErrors(errors);
  return result.summary.drifting > 0 ? exitCodes.workToDo : exitCodes.done;
}

function errorsOf({ environments, modules }: EnvironmentStatus) {
  const images = modules.flatMap((module) =>
    Object.values(module.environments).flatMap((state) => state.images),
  );
  return [...environments.flatMap(({ errors }) => errors), ...images.flatMap(({ error }) => error ?? [])];
}
