import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mapConcurrent } from "../../job/async/map-concurrent.ts";
import { titleOf } from "./fault-case.ts";
import { type Outcome, runCase } from "./run-case.ts";
import { type Half, markdownOf, repeatedTitles, rowsOf, summaryOf } from "./table.ts";

/** Combinations that run at the same time: most of their time is waiting. */
const atOnce = 6;
const patienceMs = 10 * 60_000;

/**
 * Runs one half of the fault matrix and makes a test of each combination. `FAULT_MATRIX=whole` runs every fault both
 * once and for ever; `FAULT_TABLE=markdown` prints the table.
 */
export function describeMatrix(half: Half): void {
  const rows = rowsOf(half, { whole: process.env.FAULT_MATRIX === "whole" });
  const outcomes: Outcome[] = [];

  describe(`a promotion, while ${half}`, () => {
    beforeAll(async () => {
      outcomes.push(...(await mapConcurrent(rows, atOnce, runCase)));
    }, patienceMs);

    afterAll(() => {
      process.stdout.write(`\n${summaryOf(outcomes)} (${half})\n`);
      if (process.env.FAULT_TABLE !== "markdown") return;
      const results = rows.flatMap((row, position) => {
        const outcome = outcomes[position];
        return outcome === undefined ? [] : [[row, outcome] as const];
      });
      process.stdout.write(`${markdownOf(results)}\n`);
    });

    it("has a name for each combination", () => {
      expect(repeatedTitles(rows)).toEqual([]);
    });

    it.each(rows.map((row, position) => [titleOf(row), position] as const))("%s", (_, position) => {
      expect(outcomes[position]?.broken).toEqual([]);
    });
  });
}
