import { seededRandom } from "../emulator/faults.ts";
import type { Fault } from "./fault-case.ts";
import { matrix } from "./matrix.ts";
import { olderBroken, rerunBroken, tornEverywhere } from "./run-case.ts";
import { leakedSecrets } from "./secrets.ts";
import { faultWorld, type PromotionRun } from "./world.ts";

/** What strikes in one run, drawn from a seed. */
export interface RandomSequence {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Each fault, where and when it strikes, for whoever has to find out what went wrong. */
  readonly told: readonly string[];
}

const most = 5;

/** One to five faults of the matrix, each from its first to third request on, for one to four times. */
export function randomSequence(seed: number): RandomSequence {
  const random = seededRandom(seed);
  const below = (end: number) => Math.floor(random() * end);
  const pool = matrix().filter(({ strikes, faults }) => strikes !== "for ever" && faults.length > 0);
  const picked = Array.from({ length: 1 + below(most) }, () => {
    const row = pool[below(pool.length)];
    const struck = row?.faults.at(-1);
    if (row === undefined || struck === undefined) throw new Error("The matrix has no rows");
    const nth = 1 + below(3);
    const times = 1 + below(4);
    const faults = [...row.faults.slice(0, -1), { ...struck, at: { ...struck.at, nth, times } }];
    return { faults, told: `${row.fault} @ ${row.step}, from request ${nth}, ${times} times` };
  });
  return { seed, faults: picked.flatMap(({ faults }) => faults), told: picked.map(({ told }) => told) };
}

export interface RandomOutcome {
  readonly exit: number;
  readonly torn: number;
  readonly broken: readonly string[];
}

/** However a run under such faults ends: nothing is torn, nothing older has changed, and the next one succeeds. */
export async function runSequence({ faults }: RandomSequence): Promise<RandomOutcome> {
  await using world = await faultWorld({ patience: { connectMs: 600, answerMs: 600, apiAnswerMs: 600 } });
  for (const { at, effect } of faults) world.accounts.emulator.faults.add(at, effect);
  const run = await world.promote();
  const torn = tornEverywhere(world);
  const broken = [
    ...(run.report === undefined ? [`no report: ${run.stderr}`] : []),
    ...([0, 1, 4].includes(run.code) ? [] : [`exit code ${run.code}`]),
    ...torn,
    ...olderBroken(world),
    ...leakedSecrets(world.accounts, run),
    ...(await rerunBroken({ withoutSbom: leftBehind(run) }, world)),
  ];
  return { exit: run.code, torn: torn.length, broken };
}

/** Whether the SBOM could not be asked for, or was refused: the run says so, and succeeds without it. */
function leftBehind({ report }: PromotionRun): boolean {
  return (report?.images[0]?.warnings.length ?? 0) > 0;
}
