import type { Paint } from "./color.ts";
import { escapeForTerminal } from "./terminal-text.ts";

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** Unchanged lines that are shown around a change. */
const context = 3;

/**
 * The differences between two texts in the unified format, line by line; empty where there are none.
 * {@link https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html}
 *
 * @param paint colours what was removed and what was added.
 */
export function unifiedDiff(before: string, after: string, paint: Paint): string[] {
  const lines = compare(linesOf(before), linesOf(after));
  return hunks(lines).flatMap(([from, to]) => [
    paint("cyan", header(lines, from, to)),
    ...lines.slice(from, to).map((line) => paintLine(line, paint)),
  ]);
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** The shortest way from one to the other, by their longest common subsequence. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const common = commonLengths(before, after);
  const lines: Line[] = [];
  let [old, now] = [0, 0];
  while (old < before.length || now < after.length) {
    const [removed, added] = [before[old], after[now]];
    if (removed !== undefined && removed === added) {
      lines.push({ mark: " ", text: removed });
      [old, now] = [old + 1, now + 1];
    } else if (removed !== undefined && at(common, old + 1, now) >= at(common, old, now + 1)) {
      lines.push({ mark: "-", text: removed });
      old += 1;
    } else {
      lines.push({ mark: "+", text: added ?? "" });
      now += 1;
    }
  }
  return lines;
}

/** For each pair of places how many lines the rests have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let old = before.length - 1; old >= 0; old -= 1) {
    for (let now = after.length - 1; now >= 0; now -= 1) {
      const row = lengths[old];
      if (row === undefined) continue;
      row[now] =
        before[old] === after[now]
          ? at(lengths, old + 1, now + 1) + 1
          : Math.max(at(lengths, old + 1, now), at(lengths, old, now + 1));
    }
  }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], old: number, now: number): number {
  return lengths[old]?.[now] ?? -1;
}

/** Ranges of lines to show: each change with its context, near ones together. */
function hunks(lines: readonly Line[]): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (const [position, { mark }] of lines.entries()) {
    if (mark === " ") continue;
    const from = Math.max(0, position - context);
    const to = Math.min(lines.length, position + context + 1);
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else ranges.push([from, to]);
  }
  return ranges;
}

function header(lines: readonly Line[], from: number, to: number): string {
  const range = (without: Line["mark"]) => {
    const count = (part: readonly Line[]) => part.filter(({ mark }) => mark !== without).length;
    const [above, inside] = [count(lines.slice(0, from)), count(lines.slice(from, to))];
    const start = inside === 0 ? above : above + 1;
    return inside === 1 ? `${start}` : `${start},${inside}`;
  };
  return `@@ -${range("+")} +${range("-")} @@`;
}

function paintLine({ mark, text }: Line, paint: Paint): string {
  const line = `${mark}${escapeForTerminal(text)}`;
  if (mark === " ") return line;
  return paint(mark === "-" ? "red" : "green", line);
}
