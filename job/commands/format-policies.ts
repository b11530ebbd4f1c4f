import type { PolicyOutcome } from "../ecr/repository-policies.ts";
import { type Paint, painter } from "../report/color.ts";
import { formatted, type ResultFormat } from "../report/formatted.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";
import { unifiedDiff } from "../report/unified-diff.ts";

export interface PolicyFormat {
  /** Markdown, which only reports of promotions have, is text here. */
  readonly output: ResultFormat;
  readonly color: boolean;
  /** Whether to show what would change line by line. */
  readonly showsDiff: boolean;
}

/** What was, or would be, done with policies: a line for each repository, or a document of kind `PolicyReport`. */
export function formatPolicies(outcomes: readonly PolicyOutcome[], format: PolicyFormat): Promise<string> {
  const text = () => formatText(outcomes, format);
  return formatted(format.output, { document: () => documentOf(outcomes), text, markdown: text });
}

function documentOf(outcomes: readonly PolicyOutcome[]): object {
  return {
    apiVersion: "image-promoter/v1",
    kind: "PolicyReport",
    repositories: outcomes.map(({ repository, status, merged, error }) => ({
      repository,
      status,
      ...(merged && { statements: merged.diff }),
      ...(error && {
        error: {
          code: error.code,
          message: error.message,
          ...(error.hint !== undefined && { hint: error.hint }),
        },
      }),
    })),
  };
}

const marks: Readonly<Record<PolicyOutcome["status"], string>> = {
  "up-to-date": "=",
  "to-update": "+",
  updated: "✓",
  skipped: "-",
  refused: "✗",
  failed: "✗",
};
const styles = {
  "up-to-date": "gray",
  "to-update": "green",
  updated: "green",
  skipped: "yellow",
  refused: "red",
  failed: "red",
} as const;
const words: Readonly<Record<PolicyOutcome["status"], string>> = {
  "up-to-date": "up to date",
  "to-update": "would update",
  updated: "updated",
  skipped: "not written",
  refused: "refused",
  failed: "failed",
};

/** In the sum of all, where that is another word. */
const counted: Readonly<Partial<Record<PolicyOutcome["status"], string>>> = { "to-update": "to update" };

function formatText(outcomes: readonly PolicyOutcome[], { color, showsDiff }: PolicyFormat): string {
  const paint = painter(color);
  const lines = outcomes.flatMap((outcome) => [
    lineOf(outcome, paint),
    ...explain(outcome, paint),
    ...(showsDiff ? diffOf(outcome, paint) : []),
  ]);
  return `${[...lines, paint("bold", summaryOf(outcomes))].join("\n")}\n`;
}

function lineOf({ repository, status, merged }: PolicyOutcome, paint: Paint): string {
  const isShown = status === "updated" || status === "to-update";
  const changes = (isShown && merged ? merged.diff : []).filter(({ change }) => change !== "unchanged");
  const told = changes.map(({ sid, change }) => `${sid} ${change}`).join(", ");
  const state = paint(styles[status], `${marks[status]} ${words[status]}`);
  return [
    state,
    escapeForTerminal(repository),
    ...(told === "" ? [] : [`(${escapeForTerminal(told)})`]),
  ].join(" ");
}

function explain({ status, error }: PolicyOutcome, paint: Paint): string[] {
  if (status === "skipped") return ["    nothing is written while another repository's policy is refused"];
  if (error === undefined) return [];
  const hint = error.hint === undefined ? [] : [`    ${paint("cyan", "→")} ${escapeForTerminal(error.hint)}`];
  return [`    ${paint("red", error.code)}: ${escapeForTerminal(error.message)}`, ...hint];
}

function diffOf({ before, merged }: PolicyOutcome, paint: Paint): string[] {
  if (merged === undefined || !merged.changed) return [];
  const write = (policy: object | undefined) =>
    policy === undefined ? "" : JSON.stringify(policy, undefined, 2);
  return unifiedDiff(write(before), write(merged.policy), paint).map((line) => `    ${line}`);
}

function summaryOf(outcomes: readonly PolicyOutcome[]): string {
  const count = (status: PolicyOutcome["status"]) =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const order: readonly PolicyOutcome["status"][] = [
    "updated",
    "to-update",
    "up-to-date",
    "skipped",
    "refused",
    "failed",
  ];
  const told = order
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${counted[status] ?? words[status]}`);
  return `${outcomes.length} ${outcomes.length === 1 ? "repository" : "repositories"}: ${told.join(", ")}`;
}
