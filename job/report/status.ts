import type { ImageStatus, PromotionReport, ReportSummary } from "../promotion/report.ts";

/** Worst first: what to show while there is room. */
export const statusesByWeight: readonly ImageStatus[] = [
  "failed",
  "kept",
  "copied",
  "retagged",
  "up-to-date",
  "skipped",
];

const doneWords: Readonly<Record<ImageStatus, string>> = {
  copied: "copied",
  retagged: "retagged",
  "up-to-date": "up to date",
  kept: "kept",
  skipped: "skipped",
  failed: "failed",
};

const plannedWords: Readonly<Record<ImageStatus, string>> = {
  ...doneWords,
  copied: "would copy",
  retagged: "would retag",
  kept: "would keep",
  failed: "would fail",
};

const plannedCounts: Readonly<Record<ImageStatus, string>> = {
  ...doneWords,
  copied: "to copy",
  retagged: "to retag",
  kept: "to keep",
  failed: "would fail",
};

/** What was done with an image: `copied`; in a plan what would be done: `would copy`. */
export function statusWords(status: ImageStatus, kind: PromotionReport["kind"] = "PromotionReport"): string {
  return (kind === "PromotionPlan" ? plannedWords : doneWords)[status];
}

/** How many images met which fate, those that met none left out: `1 copied`, `2 up to date`; in a plan `1 to copy`. */
export function statusCounts(report: Pick<PromotionReport, "kind" | "summary">): string[] {
  const words = report.kind === "PromotionPlan" ? plannedCounts : doneWords;
  const order: readonly ImageStatus[] = ["copied", "retagged", "up-to-date", "kept", "skipped", "failed"];
  return order
    .filter((status) => countOf(report.summary, status) > 0)
    .map((status) => `${countOf(report.summary, status)} ${words[status]}`);
}

export function countOf(summary: ReportSummary, status: ImageStatus): number {
  return status === "up-to-date" ? summary.upToDate : summary[status];
}
