import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { painter } from "../../job/report/color.ts";
import { unifiedDiff } from "../../job/report/unified-diff.ts";

const plain = painter(false);
const lines = (...texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");

describe("the unified format", () => {
  it("says nothing where nothing differs", () => {
    expect(unifiedDiff("a\nb\n", "a\nb", plain)).toEqual([]);
    expect(unifiedDiff("", "", plain)).toEqual([]);
  });

  it("shows three lines around a change", () => {
    const before = lines("1", "2", "3", "4", "5", "6", "7", "8", "9");
    expect(unifiedDiff(before, before.replace("5", "five"), plain)).toEqual([
      "@@ -2,7 +2,7 @@",
      " 2",
      " 3",
      " 4",
      "-5",
      "+five",
      " 6",
      " 7",
      " 8",
    ]);
  });

  it("shows what is new, and what is gone", () => {
    expect(unifiedDiff("", lines("a", "b"), plain)).toEqual(["@@ -0,0 +1,2 @@", "+a", "+b"]);
    expect(unifiedDiff("a", "", plain)).toEqual(["@@ -1 +0,0 @@", "-a"]);
  });

  it("keeps changes that are far from each other apart", () => {
    const before = lines(...Array.from({ length: 20 }, (_, number) => `${number}`));
    const after = before.replace("0\n", "").replace("19\n", "19\nlast\n");
    const headers = unifiedDiff(before, after, plain).filter((line) => line.startsWith("@@"));
    expect(headers).toEqual(["@@ -1,4 +1,3 @@", "@@ -18,3 +17,4 @@"]);
  });

  it("colours changes, and writes control characters out", () => {
    const diff = unifiedDiff("a", "\u001b[31mb", painter(true));
    expect(diff[1]).toBe("\u001b[31m-a\u001b[39m");
    expect(diff[2]).toBe("\u001b[32m+\\u{1b}[31mb\u001b[39m");
  });
});

it("leads from the one text to the other", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const all = (part: readonly string[]) => part.map((line) => `${line}\n`).join("");
      const diff = unifiedDiff(all(before), all(after), plain);
      expect(apply(before, diff)).toEqual(after);
    }),
  );
});

/** Applies hunks as patch does. */
function apply(before: readonly string[], diff: readonly string[]): string[] {
  const after: string[] = [];
  let read = 0;
  for (const line of diff) {
    const [, start, count = "1"] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? [];
    if (start !== undefined) {
      const from = count === "0" ? Number(start) : Number(start) - 1;
      after.push(...before.slice(read, from));
      read = from;
    } else {
      if (line[0] !== "+") expect(before[read]).toBe(line.slice(1));
      if (line[0] !== "-") after.push(line.slice(1));
      if (line[0] !== "+") read += 1;
    }
  }
  return [...after, ...before.slice(read)];
}
