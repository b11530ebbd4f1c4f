import { type FaultCase, titleOf } from "./fault-case.ts";
import { matrix } from "./matrix.ts";
import { namedReading } from "./named-reading.ts";
import { namedWriting } from "./named-writing.ts";
import type { Outcome } from "./run-case.ts";
import { steps } from "./steps.ts";

export type Half = "reading" | "writing";

const read = new Set<string>(
  (["token", "resolve", "standing", "manifest", "referrers", "present", "redirect", "storage"] as const).map(
    (name) => steps[name].name,
  ),
);

/** The rows of one half of a promotion; without `whole` one of each pair of fault and step, by turns. */
export function rowsOf(half: Half, { whole }: { readonly whole: boolean }): readonly FaultCase[] {
  const rows = matrix().filter(({ step }) => read.has(step) === (half === "reading"));
  const pairs = [...Map.groupBy(rows, ({ step, fault }) => `${fault} @ ${step}`).values()];
  const some = pairs.map((pair, position) => pair[position % pair.length]).filter((row) => row !== undefined);
  return [...(half === "reading" ? namedReading : namedWriting), ...(whole ? rows : some)];
}

/** `Fault matrix: 212 combinations, 131 recovered, 81 failed as they must, 0 torn`, and what did not go as it must. */
export function summaryOf(outcomes: readonly Outcome[]): string {
  const recovered = outcomes.filter(({ exit, broken }) => exit === 0 && broken.length === 0).length;
  const wrong = outcomes.filter(({ broken }) => broken.length > 0).length;
  const torn = outcomes.reduce((sum, outcome) => sum + outcome.torn, 0);
  return [
    `Fault matrix: ${outcomes.length} combinations`,
    `${recovered} recovered`,
    `${outcomes.length - recovered - wrong} failed as they must`,
    ...(wrong > 0 ? [`${wrong} WRONG`] : []),
    `${torn} torn`,
  ].join(", ");
}

/** The table as Markdown: a row for each fault at each step. */
export function markdownOf(results: ReadonlyArray<readonly [FaultCase, Outcome]>): string {
  const lines = results.map(([row, { result, exit, met, requests }]) => {
    const { id = "", step, fault, strikes } = row;
    return `| ${[id, step, fault, strikes, result, exit, met, requests].join(" | ")} |`;
  });
  return [
    "| Case | Step | Fault | Strikes | Result | Exit code | Met | Requests |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

/** Every title once, so that a failure can be found. */
export function repeatedTitles(rows: readonly FaultCase[]): readonly string[] {
  const titles = rows.map(titleOf);
  return titles.filter((title, position) => titles.indexOf(title) !== position);
}
