import type { Settings } from "../config/settings.ts";
import type { PromotionReport } from "../promotion/report.ts";
import { wantsColor } from "../report/color.ts";
import { formatJson, formatYaml } from "../report/json.ts";
import { formatMarkdown } from "../report/markdown.ts";
import { formatText } from "../report/text.ts";
import type { Runtime } from "../runtime.ts";

/** Writes the result to standard output in the wanted format. */
export async function writeReport(
  report: PromotionReport,
  format: Settings["output"],
  { stdout, env }: Runtime,
): Promise<void> {
  stdout.write(await formatReport(report, format, wantsColor(env, stdout.isTerminal)));
}

async function formatReport(
  report: PromotionReport,
  format: Settings["output"],
  color: boolean,
): Promise<string> {
  switch (format) {
    case "json":
      return formatJson(report);
    case "yaml":
      return formatYaml(report);
    case "markdown":
      return formatMarkdown(report);
    case "text":
      return formatText(report, { color });
  }
}
