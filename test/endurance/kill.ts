import { setTimeout as delay } from "node:timers/promises";
import type { FaultEffect, FaultMatch, InjectedFault } from "../emulator/faults.ts";
import type { LoggedRequest } from "../emulator/request-log.ts";
import { type Ending, type Program, type RunningProgram, startProgram } from "./program.ts";
import { openShipyard, type Shipyard, type ShipyardOptions } from "./shipyard.ts";
import {
  bytesSent,
  type Inventory,
  lostOrChanged,
  openUploads,
  sentInVain,
  stillWanted,
  takeStock,
  tornTags,
} from "./stocktaking.ts";

export type KillSignal = "SIGKILL" | "SIGTERM" | "SIGINT";

export const signalCodes = { SIGKILL: undefined, SIGTERM: 143, SIGINT: 130 } as const;

/** Where a promotion is when it is killed. */
export interface Moment {
  /** The request at which the emulator stops answering, or answers late; the kill follows. */
  readonly at: FaultMatch;
  readonly effect: Extract<FaultEffect, { do: "stall" | "withhold-response" | "delay" }>;
  /** What else has to be so first. */
  readonly when?: (yard: Shipyard) => boolean;
  /** Milliseconds to wait then: what else is under way goes on. */
  readonly afterMs?: number;
}

/** What came of a kill and of the run after it. */
export interface Killed {
  readonly ending: Ending;
  /** Milliseconds from the signal to the end of the process. */
  readonly endedAfterMs: number;
  /** Whether the process was done before the moment came. */
  readonly escaped: boolean;
  /** Upload sessions at the destination that nobody has given up. */
  readonly uploadsLeft: number;
  /** What is wrong after the kill, or after the run that followed. */
  readonly problems: readonly string[];
  /** Requests of the second run. */
  readonly rerun: readonly LoggedRequest[];
  readonly bytesSent: { readonly killed: number; readonly rerun: number };
}

/** Milliseconds that a process may take to end itself after a signal that can be caught. */
const graceMs = 5_000;

/** Milliseconds after which a moment that has not come is not coming any more. */
const patienceMs = 60_000;

/**
 * Starts a promotion as a process, kills it at a moment, takes stock, promotes once more without any fault, and takes
 * stock again.
 */
export async function killAndRerun(
  program: Program,
  signal: KillSignal,
  moment: Moment,
  options: ShipyardOptions = {},
): Promise<Killed> {
  await using yard = await openShipyard(options);
  const { world, production, images, args } = yard;
  const { emulator } = world;
  const before = takeStock(production);
  const fault = emulator.faults.add(moment.at, moment.effect);
  const run = startProgram(program, yard);
  const came = await comes(fault, moment, run, yard);
  const signalled = performance.now();
  run.child.kill(signal);
  const ending = await run.ended;
  const endedAfterMs = performance.now() - signalled;
  fault.remove();
  await settled(yard);
  const atKill = takeStock(production);
  const problems = [
    ...wrongAtKill(yard, before, atKill),
    ...(came ? wrongEnding(signal, ending, endedAfterMs, yard) : []),
  ];
  const killed = bytesSent(emulator.requests);
  const uploadsLeft = openUploads(production);

  emulator.clearRequests();
  const again = await world.run(args);
  const after = takeStock(production);
  if (again.code !== 0)
    problems.push(`the next run ended with ${again.code}: ${again.stdout}${again.stderr}`);
  problems.push(
    ...wrongAtKill(yard, before, after).map((what) => `after the next run: ${what}`),
    ...stillWanted(images, after).map((what) => `the next run did not bring ${what}`),
    ...sentInVain(atKill, emulator.requests).map((what) => `the next run sent ${what} in vain`),
  );
  const bytes = { killed, rerun: bytesSent(emulator.requests) };
  return {
    ending,
    endedAfterMs,
    escaped: !came,
    uploadsLeft,
    problems,
    rerun: emulator.requests,
    bytesSent: bytes,
  };
}

/** @returns false when the process has ended before. */
async function comes(
  fault: InjectedFault,
  { when, afterMs = 0 }: Moment,
  { child }: RunningProgram,
  yard: Shipyard,
): Promise<boolean> {
  const limit = performance.now() + patienceMs;
  while (fault.met === 0 || when?.(yard) === false) {
    if (child.exitCode !== null || performance.now() > limit) return false;
    await delay(2);
  }
  await delay(afterMs);
  return true;
}

/** What the emulator has received already it still does, whoever may have gone. */
async function settled({ world }: Shipyard): Promise<void> {
  let seen = -1;
  while (seen !== world.emulator.requests.length) {
    seen = world.emulator.requests.length;
    await delay(30);
  }
}

function wrongAtKill({ production }: Shipyard, before: Inventory, now: Inventory): readonly string[] {
  return [
    ...tornTags(production).map((what) => `torn: ${what}`),
    ...lostOrChanged(before, now).map((what) => `lost or changed: ${what}`),
  ];
}

function wrongEnding(
  signal: KillSignal,
  { code, stdout, stderr }: Ending,
  endedAfterMs: number,
  { production, images }: Shipyard,
): readonly string[] {
  const done = code === 0 && stillWanted(images, takeStock(production)).length === 0;
  const wrong: string[] = [];
  if (code !== signalCodes[signal] && !done)
    wrong.push(`${signal} ended it with ${code}: ${stdout}${stderr}`);
  if (endedAfterMs > graceMs) wrong.push(`it took ${endedAfterMs} ms to end`);
  if (signal === "SIGKILL") return wrong;
  for (const { name, uploads } of production.values()) {
    // Whoever is stopped before the answer that opens an upload cannot know what to give up.
    const known = [...uploads.values()].filter(({ size }) => size > 0);
    if (known.length > 0) wrong.push(`${known.length} uploads to ${name} were not given up`);
  }
  return wrong;
}
