import type { ErrorCode } from "../../job/error.ts";
import type { FaultEffect, FaultMatch } from "../emulator/faults.ts";
import type { FaultWorld, WorldOptions } from "./world.ts";

/** How often a fault strikes before things go well. */
export type Strikes = "once" | "twice" | "for ever";

/** Which of the two images a fault keeps from being promoted; `app at least` where the other may be quicker. */
export type Struck = "app" | "both" | "app at least";

/** How a run ends: all is promoted, or the images that were struck fail with one of these codes. */
export type Ending =
  | "recovers"
  | { readonly fails: readonly ErrorCode[]; readonly exit: 1 | 4; readonly images: Struck };

export interface Fault {
  readonly at: FaultMatch;
  readonly effect: FaultEffect;
}

/** One combination: the whole release is promoted while this happens. */
export interface FaultCase {
  /** The number of a case that has a name of its own. */
  readonly id?: string;
  readonly step: string;
  readonly fault: string;
  readonly strikes: Strikes;
  readonly faults: readonly Fault[];
  readonly ending: Ending;
  readonly world?: WorldOptions;
  /** Changes the world before the run. */
  readonly prepare?: (world: FaultWorld) => void;
  /** What else must be so after the run: says what is not. */
  readonly check?: (world: FaultWorld) => readonly string[];
  /** Whether what is wrong stays so, faults or not. */
  readonly rerun?: "succeeds" | "fails alike";
  /** The attachment is refused, and stays behind with a warning. */
  readonly withoutSbom?: boolean;
  /** Upload sessions that may stay open, because nobody could be told of them, or be asked to end them. */
  readonly openUploads?: number;
}

export function titleOf({ id, step, fault, strikes }: FaultCase): string {
  return `${id === undefined ? "" : `${id} `}${fault} ${strikes} @ ${step}`;
}
