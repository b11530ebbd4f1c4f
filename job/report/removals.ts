import type { ReportedError } from "../promotion/report.ts";
import { painter, type Style } from "./color.ts";
import { escapeMarkdown, markdownCode } from "./markdown-text.ts";
import { formatCount } from "./quantity.ts";
import { escapeForTerminal } from "./terminal-text.ts";

/** An image that went, or would go, or stays although rules no longer want it. */
export interface Removal {
  readonly image: string;
  readonly tags: readonly string[];
  readonly status: "to-remove" | "removed" | "spared" | "failed";
  readonly reason: string;
}

const words = { "to-remove": "to remove", removed: "removed", spared: "spared", failed: "failed" } as const;
const styles = {
  "to-remove": "yellow",
  removed: "green",
  spared: "gray",
  failed: "red",
} as const satisfies Record<Removal["status"], Style>;

/** Removals for people: a line for each image, with the reason. */
export function formatRemovals(removals: readonly Removal[], { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const lines = removals.map(
    (removal) =>
      `${paint(styles[removal.status], words[removal.status])}  ${escapeForTerminal(nameOf(removal))}  ${paint("gray", escapeForTerminal(removal.reason))}`,
  );
  return [...lines, paint("bold", summaryOf(removals)), ""].join("\n");
}

/** Why nothing was removed, for people. */
export function formatPruneError(error: ReportedError, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const hint = error.hint === undefined ? "" : `    ${paint("cyan", "→")} ${escapeForTerminal(error.hint)}\n`;
  return `${paint("red", error.code)}: ${escapeForTerminal(error.message)}\n${hint}`;
}

/** Most rows of a comment on a pull request. */
const mostRows = 100;

/** The same as a section of a comment on a pull request. */
export function formatRemovalsMarkdown(removals: readonly Removal[], error?: ReportedError): string {
  const rows = removals
    .slice(0, mostRows)
    .map(
      (removal) =>
        `| ${words[removal.status]} | ${markdownCode(nameOf(removal))} | ${escapeMarkdown(removal.reason)} |`,
    );
  const more = removals.length - rows.length;
  return [
    "",
    `#### Removal: ${summaryOf(removals)}`,
    "",
    ...(error === undefined ? [] : [`❌ ${escapeMarkdown(error.message)}`, ""]),
    ...(rows.length === 0 ? [] : ["| Status | Image | Reason |", "|---|---|---|", ...rows, ""]),
    ...(more > 0 ? [`${formatCount(more, "more image")} left out for lack of room.`, ""] : []),
  ].join("\n");
}

function nameOf({ image, tags }: Removal): string {
  return tags.length === 0 ? image : `${image} (${tags.join(", ")})`;
}

function summaryOf(removals: readonly Removal[]): string {
  const counts = Object.entries(words).flatMap(([status, word]) => {
    const count = removals.filter((removal) => removal.status === status).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return counts.length === 0 ? "nothing to remove" : counts.join(", ");
}
