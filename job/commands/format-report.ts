import type { Settings } from "../config/settings.ts";
import type { PromotionReport } from "../promotion/report.ts";
import { wantsColor } from "../report/color.ts";
import { formatted } from "../report/formatted.ts";
import { formatMarkdown } from "../report/markdown.ts";
import { formatText } from "../report/text.ts";
import type { Runtime } from "../runtime.ts";

/** Writes the result to standard output in the wanted format. */
export async function writeReport(
  report: PromotionReport,
  format: Settings["output"],
  { stdout, env }: Runtime,
): Promise<void> {
  const color = wantsColor(env, stdout.isTerminal);
  stdout.write(
    await formatted(format, {
      document: () => report,
      text: () => formatText(report, { color }),
      markdown: () => formatMarkdown(report),
    }),
  );
}
