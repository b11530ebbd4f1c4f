import type { ImageReport, ImageStatus, PromotionReport } from "../promotion/report.ts";
import { findingLine, gatesWithFindings } from "./gate-words.ts";
import { escapeMarkdown, markdownCode } from "./markdown-text.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import { sharedHost, shortDigest, shortName } from "./short-name.ts";
import { statusesByWeight, statusWords } from "./status.ts";
import { summaryLine } from "./summary-line.ts";

/** GitHub refuses comments of more than 65,536 characters; some are left for what others put around this one. */
const maxCharacters = 60_000;
const maxMessageCharacters = 2_000;
/** Of one image; the report as JSON has them all. */
const maxFindings = 20;

const marks: Readonly<Record<ImageStatus, string>> = {
  copied: "✅",
  retagged: "✅",
  "up-to-date": "☑️",
  kept: "⚠️",
  skipped: "➖",
  failed: "❌",
};
const planMarks: typeof marks = { ...marks, copied: "➕", retagged: "➕" };

/**
 * A report, or a plan, as a comment on a pull request: the summary, a table with a row for each image, failures and
 * warnings folded beneath. At most 60,000 characters: what weighs least is left out, and said to be.
 */
export function formatMarkdown(report: PromotionReport): string {
  const title = report.kind === "PromotionPlan" ? "Promotion plan" : "Promotion";
  const host = sharedHost(report.images);
  const head = [`### ${title}`, "", escapeMarkdown(summaryLine(report)), ""];
  if (host !== undefined) head.push(`To ${markdownCode(host)}`, "");
  const failed = report.images.filter((image) => image.error !== undefined);
  const warned = report.images.filter((image) => image.warnings.length > 0);
  const found = report.images.filter((image) => gatesWithFindings(image).length > 0);
  const room = maxCharacters - lengthOf(head);
  const details = [
    ...folded(formatCount(failed.length, "failure"), failed, room / 4, failureLines, host),
    ...folded(formatCount(countWarnings(warned), "warning"), warned, room / 4, warningLines, host),
    ...folded(formatCount(countFindings(found), "finding"), found, room / 4, findingLines, host),
  ];
  return `${[...head, ...table(report, host, room - lengthOf(details)), ...details].join("\n").trimEnd()}\n`;
}

function table(report: PromotionReport, host: string | undefined, room: number): string[] {
  if (report.images.length === 0) return [];
  const head = ["| Status | Image | Digest | Platforms | Size |", "|---|---|---|---|--:|"];
  const { kept, left } = fitting(report.images, room - lengthOf(head) - 100, (image) => [
    tableRow(image, report.kind, host),
  ]);
  const note = left === 0 ? [] : ["", `${formatCount(left, "more image")} left out for lack of room.`];
  return [...head, ...kept, ...note, ""];
}

function tableRow(image: ImageReport, kind: PromotionReport["kind"], host: string | undefined): string {
  const cells = [
    `${(kind === "PromotionPlan" ? planMarks : marks)[image.status]} ${statusWords(image.status, kind)}`,
    markdownCode(shortName(image, host)),
    image.digest === undefined ? "" : markdownCode(shortDigest(image.digest)),
    image.platforms.map(escapeMarkdown).join("<br>"),
    image.bytesCopied > 0 ? formatBytes(image.bytesCopied) : "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function folded(
  title: string,
  images: readonly ImageReport[],
  room: number,
  linesOf: (image: ImageReport) => string[],
  host: string | undefined,
): string[] {
  if (images.length === 0) return [];
  const { kept, left } = fitting(images, room, (image) => [
    `- ${markdownCode(shortName(image, host))}${image.origin === undefined ? "" : ` (${escapeMarkdown(image.origin)})`}`,
    ...linesOf(image),
  ]);
  const note = left === 0 ? [] : [`- ${formatCount(left, "more image")} left out for lack of room`];
  return [`<details><summary>${title}</summary>`, "", ...kept, ...note, "", "</details>", ""];
}

function failureLines({ error }: ImageReport): string[] {
  if (error === undefined) return [];
  const hint = error.hint === undefined ? [] : [`  <br>→ ${message(error.hint)}`];
  return [`  <br>**${error.code}**: ${message(error.message)}`, ...hint];
}

function warningLines({ warnings }: ImageReport): string[] {
  return warnings.map((warning) => `  <br>${message(warning)}`);
}

function findingLines(image: ImageReport): string[] {
  return gatesWithFindings(image).flatMap(({ gate, detail, findings }) => {
    const shown = findings.slice(0, maxFindings).map((finding) => `  <br>${message(findingLine(finding))}`);
    const left = findings.length - shown.length;
    return [
      `  <br>**${gate}**: ${message(detail)}`,
      ...shown,
      ...(left > 0 ? [`  <br>and ${formatCount(left, "more finding")}`] : []),
    ];
  });
}

function message(text: string): string {
  return escapeMarkdown(
    text.length > maxMessageCharacters ? `${text.slice(0, maxMessageCharacters)}…` : text,
  );
}

/** The lines of as many images as fit into `room` characters, the weightiest first, in the order of the report. */
function fitting(
  images: readonly ImageReport[],
  room: number,
  linesOf: (image: ImageReport) => string[],
): { kept: string[]; left: number } {
  const lines = new Map(images.map((image) => [image, linesOf(image)]));
  let free = room;
  const byWeight = images.toSorted(
    (a, b) => statusesByWeight.indexOf(a.status) - statusesByWeight.indexOf(b.status),
  );
  const firstOut = byWeight.findIndex((image) => {
    free -= lengthOf(lines.get(image) ?? []);
    return free < 0;
  });
  const chosen = new Set(firstOut < 0 ? byWeight : byWeight.slice(0, firstOut));
  return {
    kept: images.filter((image) => chosen.has(image)).flatMap((image) => lines.get(image) ?? []),
    left: images.length - chosen.size,
  };
}

function countWarnings(images: readonly ImageReport[]): number {
  return images.reduce((sum, image) => sum + image.warnings.length, 0);
}

function countFindings(images: readonly ImageReport[]): number {
  return images.flatMap(gatesWithFindings).reduce((sum, { findings }) => sum + findings.length, 0);
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
