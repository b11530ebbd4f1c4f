import type { ImageReport, ImageStatus, PromotionReport } from "../promotion/report.ts";
import { type Paint, painter } from "./color.ts";
import { displayWidth, padToWidth } from "./display-width.ts";
import { gatesWithFindings, passedGates } from "./gate-words.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import { sharedHost, shortDigest, shortName } from "./short-name.ts";
import { statusWords } from "./status.ts";
import { summaryLine } from "./summary-line.ts";
import { escapeForTerminal } from "./terminal-text.ts";

export interface TextOptions {
  readonly color: boolean;
  /** Width of the terminal in characters; without it lines are as long as they need to be. */
  readonly columns?: number;
}

const marks = {
  copied: "✓",
  retagged: "✓",
  "up-to-date": "=",
  kept: "!",
  skipped: "-",
  failed: "✗",
} as const;
const planMarks = { ...marks, copied: "+", retagged: "+" } as const;
const styles = {
  copied: "green",
  retagged: "green",
  "up-to-date": "gray",
  kept: "yellow",
  skipped: "gray",
  failed: "red",
} as const satisfies Record<ImageStatus, string>;

interface Row {
  readonly image: ImageReport;
  readonly mark: string;
  readonly status: string;
  readonly name: string;
  readonly details: string;
}

/**
 * A report, or a plan, for people: a line for each image, what went wrong beneath it, a summary at the end. Text from
 * elsewhere is made harmless for terminals; hints are not wrapped, so that commands can be copied.
 */
export function formatText(report: PromotionReport, options: TextOptions): string {
  const paint = painter(options.color);
  const host = sharedHost(report.images);
  const rows = report.images.map((image) => rowOf(image, report.kind, host));
  const statusWidth = widest(rows.map((row) => row.status));
  const nameWidth = widest(rows.filter((row) => row.details !== "").map((row) => row.name));
  const fits = 2 + statusWidth + 2 + nameWidth + 2 + widest(rows.map((row) => row.details));
  const layout = { statusWidth, nameWidth, beside: fits <= (options.columns ?? Number.POSITIVE_INFINITY) };
  const lines = [
    ...(host === undefined ? [] : [paint("bold", escapeForTerminal(host))]),
    ...rows.flatMap((row) => [...rowLines(row, layout, paint), ...explanationLines(row.image, paint)]),
    paint("bold", summaryLine(report)),
  ];
  return `${lines.join("\n")}\n`;
}

/** One image on one line, with its error: what is printed as images finish, where there is no terminal. */
export function imageLine(image: ImageReport, options: TextOptions = { color: false }): string {
  const row = rowOf(image, "PromotionReport", undefined);
  const paint = painter(options.color);
  const error = image.error && `${image.error.code}: ${escapeForTerminal(image.error.message)}`;
  return [`${paint(styles[image.status], `${row.mark} ${row.status}`)}  ${row.name}`, row.details, error]
    .filter(Boolean)
    .join("  ");
}

function rowOf(image: ImageReport, kind: PromotionReport["kind"], host: string | undefined): Row {
  return {
    image,
    mark: (kind === "PromotionPlan" ? planMarks : marks)[image.status],
    status: statusWords(image.status, kind),
    name: escapeForTerminal(shortName(image, host)),
    details: detailsOf(image),
  };
}

function detailsOf(image: ImageReport): string {
  const passed = passedGates(image);
  const asides = [
    ...(image.bytesMounted > 0 ? [`${formatBytes(image.bytesMounted)} mounted`] : []),
    ...(image.referrers > 0 ? [formatCount(image.referrers, "referrer")] : []),
    ...(passed === undefined ? [] : [passed]),
    ...(image.previousDigest === undefined
      ? []
      : [`was ${escapeForTerminal(shortDigest(image.previousDigest))}`]),
  ];
  return [
    ...(image.digest === undefined ? [] : [escapeForTerminal(shortDigest(image.digest))]),
    ...(image.bytesCopied > 0 ? [formatBytes(image.bytesCopied)] : []),
    ...(asides.length > 0 ? [`(${asides.join(", ")})`] : []),
  ].join("  ");
}

function rowLines(
  row: Row,
  layout: { statusWidth: number; nameWidth: number; beside: boolean },
  paint: Paint,
): string[] {
  const status = paint(styles[row.image.status], `${row.mark} ${padToWidth(row.status, layout.statusWidth)}`);
  if (row.details === "") return [`${status}  ${row.name}`];
  if (!layout.beside) return [`${status}  ${row.name}`, `    ${paint("gray", row.details)}`];
  return [`${status}  ${padToWidth(row.name, layout.nameWidth)}  ${paint("gray", row.details)}`];
}

function explanationLines(image: ImageReport, paint: Paint): string[] {
  const { error, warnings, origin } = image;
  return [
    ...(error === undefined
      ? []
      : [
          `    ${paint("red", error.code)}: ${escapeForTerminal(error.message)}`,
          ...(error.hint === undefined ? [] : [`    ${paint("cyan", "→")} ${escapeForTerminal(error.hint)}`]),
          ...(origin === undefined ? [] : [`    ${paint("gray", `at ${escapeForTerminal(origin)}`)}`]),
        ]),
    ...gatesWithFindings(image).map(
      ({ gate, detail }) => `    ${paint("gray", gate)}: ${escapeForTerminal(detail)}`,
    ),
    ...warnings.map((warning) => `    ${paint("yellow", "warning")}: ${escapeForTerminal(warning)}`),
  ];
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(displayWidth));
}
