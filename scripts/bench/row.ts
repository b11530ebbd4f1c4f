import { ourName } from "./contenders.ts";
import type { Measured } from "./measured-run.ts";
import { median, pairedRatio, type Runs } from "./paired.ts";

/** One kind of work in the table. */
export interface Row {
  readonly work: string;
  /** What everybody took, with its unit. */
  readonly results: readonly Result[];
  /** Ours to that of another. */
  readonly ratio?: Ratio;
  readonly reach: string;
  /** Nothing where whoever it is measured by is missing. */
  readonly met?: boolean;
  /** What cannot be undercut, and why. */
  readonly limit: string;
}

export interface Result {
  readonly name: string;
  readonly value: string;
}

export interface Ratio {
  readonly value: number;
  readonly to: string;
}

/** A ratio to somebody's result. */
export interface RelativeReach {
  readonly peer: string;
  readonly atMost: number;
}

export interface ComparisonOptions {
  readonly work: string;
  readonly runs: Runs;
  readonly reach: RelativeReach;
  readonly limit: string;
  /** What counts of a run, in milliseconds. Default the time on the wall. */
  readonly of?: (run: Measured) => number;
}

/** A row of times of many. */
export function comparison({ work, runs, reach, limit, of = wall }: ComparisonOptions): Row {
  const medians = [...runs].map(([name, taken]) => ({ name, ms: median(taken.map(of)) }));
  const best = medians.filter(({ name }) => name !== ourName).toSorted((a, b) => a.ms - b.ms)[0];
  const toBest = best && pairedRatio(runs, [ourName, best.name], of);
  const toReach = pairedRatio(runs, [ourName, reach.peer], of);
  return {
    work,
    results: medians.map(({ name, ms }) => ({ name, value: seconds(ms) })),
    ...(best && toBest !== undefined && { ratio: { value: toBest, to: best.name } }),
    reach: `at most ${reach.atMost} of ${reach.peer}${toReach === undefined ? "" : `: ${toReach.toFixed(2)}`}`,
    ...(toReach !== undefined && { met: toReach <= reach.atMost }),
    limit,
  };
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 100 ? 3 : 2)} s`;
}

function wall({ wallMs }: Measured): number {
  return wallMs;
}
