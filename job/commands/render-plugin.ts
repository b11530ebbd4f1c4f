import { formatRegistryPrefix } from "../config/route-flag.ts";
import { settingOf } from "../config/setting.ts";
import { settings as table } from "../config/setting-table.ts";
import { chartValues } from "../render/chart-values.ts";
import { promoterImage } from "../render/job-settings.ts";
import { renderHelmPlugin, renderPlugin } from "../render/plugin.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { ownValues } from "./job-values.ts";
import { writeRendered } from "./write-rendered.ts";

/** `render plugin`: what makes Argo CD, or Helm 4, put a Job behind what it renders. */
export async function renderPluginFiles(input: CommandInput, { runtime }: CommandContext): Promise<number> {
  const { flags } = input;
  if (flags.for === "helm") return writeRendered(renderHelmPlugin(), input, runtime);
  const values = await ownValues(flags, runtime);
  const discover = String(flags.discover ?? "promoter.yaml");
  const files = renderPlugin({
    image: String(flags.image),
    promoterImage: promoterImage(chartValues(values)),
    values,
    env: sidecarVariables(flags),
    ...(discover !== "none" && { discover }),
  });
  return writeRendered(files, input, runtime);
}

/** Routes of all applications, where their promoter.yaml names none. */
function sidecarVariables(flags: CommandInput["flags"]): Readonly<Record<string, string>> {
  const from = settingOf(table.from, { flags, env: {} });
  const to = settingOf(table.to, { flags, env: {} });
  return {
    ...(from !== undefined && { [table.from.variable]: from.map(formatRegistryPrefix).join(",") }),
    ...(to !== undefined && { [table.to.variable]: formatRegistryPrefix(to) }),
  };
}
