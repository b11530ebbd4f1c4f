import type { Command, Measured } from "./measured-run.ts";
import { measured } from "./measured-run.ts";

/** Somebody in a comparison. */
export interface Paired {
  readonly name: string;
  /** The command of a round. */
  command(round: number): Promise<Command>;
}

/** What everybody's runs took, round by round. */
export type Runs = ReadonlyMap<string, readonly Measured[]>;

/** Runs everybody once in each round, each time beginning with another, so that what the machine does meets all. */
export async function runPaired(contenders: readonly Paired[], rounds: number): Promise<Runs> {
  const runs = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(round + turn) % contenders.length];
      if (contender === undefined) continue;
      runs.get(contender.name)?.push(await measured(await contender.command(round)));
    }
  }
  return runs;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** The median over the rounds of what `name` took of what `other` took in the same round. */
export function pairedRatio(
  runs: Runs,
  [name, other]: readonly [string, string],
  of: (run: Measured) => number,
): number | undefined {
  const theirs = runs.get(other);
  const ratios = (runs.get(name) ?? []).flatMap((run, round) => {
    const pair = theirs?.[round];
    return pair === undefined ? [] : [of(run) / of(pair)];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}
