import type { PromotionReport } from "../promotion/report.ts";
import { formatBytes, formatCount, formatDuration } from "./quantity.ts";
import { statusCounts } from "./status.ts";

/**
 * The whole in one line: `3 images: 1 copied, 2 up to date, 24.1 MiB in 1.2 s`; of a plan
 * `3 images: 1 to copy, 2 up to date, 24.1 MiB, 14 requests, at least 0.5 s`.
 */
export function summaryLine(report: PromotionReport): string {
  const { summary, kind, estimate, durationMs } = report;
  if (summary.images === 0) return "No images";
  const amounts = [
    ...(summary.bytesCopied > 0 ? [formatBytes(summary.bytesCopied)] : []),
    ...(summary.bytesMounted > 0 ? [`${formatBytes(summary.bytesMounted)} mounted`] : []),
  ];
  if (kind === "PromotionPlan" && estimate !== undefined && estimate.requests > 0) {
    amounts.push(formatCount(estimate.requests, "request"));
    if (estimate.leastMs > 0) amounts.push(`at least ${formatDuration(estimate.leastMs)}`);
  }
  const line = `${formatCount(summary.images, "image")}: ${[...statusCounts(report), ...amounts].join(", ")}`;
  return kind === "PromotionPlan" ? line : `${line} in ${formatDuration(durationMs)}`;
}
