import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mapConcurrent } from "../../job/async/map-concurrent.ts";
import { type RandomOutcome, randomSequence, runSequence } from "./random-case.ts";

/** `FAULT_SEEDS=200` runs so many; `FAULT_FIRST_SEED=17` begins with another one. */
const count = Number(process.env.FAULT_SEEDS ?? 8);
const first = Number(process.env.FAULT_FIRST_SEED ?? 1);
const sequences = Array.from({ length: count }, (_, position) => randomSequence(first + position));

describe("a promotion under faults drawn by chance", () => {
  const outcomes: RandomOutcome[] = [];

  beforeAll(async () => {
    outcomes.push(...(await mapConcurrent(sequences, 6, runSequence)));
  }, 20 * 60_000);

  afterAll(() => {
    const recovered = outcomes.filter(({ exit }) => exit === 0).length;
    const torn = outcomes.reduce((sum, outcome) => sum + outcome.torn, 0);
    process.stdout.write(
      `\nFaults by chance: seeds ${first} to ${first + count - 1}, ${recovered} recovered, ${outcomes.length - recovered} failed, ${torn} torn\n`,
    );
  });

  it.each(sequences.map(({ seed, told }, position) => [seed, told.join("; "), position] as const))(
    "seed %i: %s",
    (_, __, position) => {
      expect(outcomes[position]?.broken).toEqual([]);
    },
  );
});
