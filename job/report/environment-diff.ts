import type { EnvironmentDiff, ModuleDiff, ModuleStatus } from "../comparison/environment-diff.ts";
import type { FoundImage } from "../comparison/find-image.ts";
import { type Paint, painter } from "./color.ts";
import { padToWidth } from "./display-width.ts";
import { escapeMarkdown, markdownCode } from "./markdown-text.ts";
import { formatCount } from "./quantity.ts";
import { shortDigest } from "./short-name.ts";
import { escapeForTerminal } from "./terminal-text.ts";

const marks = { changed: "~", added: "+", removed: "-", retagged: "~", unknown: "?", same: "=" } as const;
const styles = {
  changed: "yellow",
  added: "green",
  removed: "red",
  retagged: "yellow",
  unknown: "yellow",
  same: "gray",
} as const satisfies Record<ModuleStatus, string>;
const order: readonly ModuleStatus[] = ["changed", "added", "removed", "retagged", "unknown", "same"];

/** Differences for people: a line for each module that differs or is not promoted, and how many do not. */
export function formatDiffText(diff: EnvironmentDiff, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const shown = diff.modules.filter(isShown);
  const width = Math.max(0, ...shown.map(({ module }) => escapeForTerminal(module).length));
  const lines = [
    paint("bold", escapeForTerminal(`${diff.a} → ${diff.b}`)),
    ...shown.flatMap((module) => moduleLines(module, width, paint)),
    paint("bold", summaryOf(diff)),
  ];
  return `${lines.join("\n")}\n`;
}

/** The same as a comment on a pull request. */
export function formatDiffMarkdown(diff: EnvironmentDiff): string {
  const rows = diff.modules.filter(isShown).map(markdownRow);
  // GitHub refuses more than 65,536 characters; each row stays below some hundreds.
  const kept = rows.slice(0, 150);
  const table = ["| | Module | From | To | |", "|---|---|---|---|---|", ...kept];
  const left = rows.length - kept.length;
  return [
    `### ${escapeMarkdown(diff.a)} → ${escapeMarkdown(diff.b)}`,
    "",
    escapeMarkdown(summaryOf(diff)),
    ...(rows.length === 0 ? [] : ["", ...table]),
    ...(left === 0 ? [] : ["", `${formatCount(left, "more module")} left out for lack of room.`]),
    "",
  ].join("\n");
}

function isShown({ status, b }: ModuleDiff): boolean {
  return status !== "same" || b.some(({ promoted, error }) => promoted === false || error !== undefined);
}

function moduleLines({ module, status, a, b }: ModuleDiff, width: number, paint: Paint): string[] {
  const sides = [a, b].filter((side) => side.length > 0).map((side) => side.map(versionOf).join(", "));
  const state = paint(styles[status], `${marks[status]} ${status.padEnd("retagged".length)}`);
  const note = promotionOf(b);
  const name = padToWidth(escapeForTerminal(module), width);
  const line = `${state}  ${name}  ${escapeForTerminal(sides.join(" → "))}${note && `  ${paint("gray", note)}`}`;
  const errors = [...a, ...b].flatMap(({ image, error }) =>
    error === undefined
      ? []
      : [`    ${paint("red", error.code)}: ${escapeForTerminal(`${image}: ${error.message}`)}`],
  );
  return [line, ...errors];
}

function markdownRow({ module, status, a, b }: ModuleDiff): string {
  const side = (images: readonly FoundImage[]) =>
    images.map((image) => markdownCode(versionOf(image))).join("<br>");
  const errors = [...a, ...b].flatMap(({ error }) => (error === undefined ? [] : [`**${error.code}**`]));
  const notes = [promotionOf(b), ...errors].filter((note) => note !== "");
  return `| ${[status, markdownCode(module), side(a), side(b), notes.join("<br>")].join(" | ")} |`;
}

/** `1.4.2 (sha256:…)` */
function versionOf({ tag, digest }: FoundImage): string {
  const short = digest === undefined ? undefined : shortDigest(digest);
  if (tag === undefined) return short ?? "";
  return short === undefined ? tag : `${tag} (${short})`;
}

function promotionOf(images: readonly FoundImage[]): string {
  const asked = images.filter(({ promoted }) => promoted !== undefined);
  if (asked.length === 0) return "";
  const missing = asked.filter(({ promoted }) => promoted === false);
  if (missing.length === 0) return "promoted";
  return missing.some(({ source }) => source === undefined)
    ? "not promoted, and at no source"
    : "not promoted";
}

function summaryOf({ summary }: EnvironmentDiff): string {
  const counts = order
    .filter((status) => summary[status] > 0)
    .map((status) => `${summary[status]} ${status}`);
  const sum = `${formatCount(summary.modules, "module")}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`;
  if (summary.notPromoted === 0) return sum;
  const be = summary.notPromoted === 1 ? "is" : "are";
  return `${sum}; ${formatCount(summary.notPromoted, "image")} ${be} not promoted`;
}
