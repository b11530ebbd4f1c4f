import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { promisify } from "node:util";
import { goProgram } from "./go-program.ts";

/** A program with its arguments, and the whole of its environment. */
export interface Command {
  readonly line: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a process took, with all the processes that it waited for. */
export interface Measured {
  /** From start to exit. */
  readonly wallMs: number;
  /** Of all processors, in user and kernel. */
  readonly cpuMs: number;
  readonly peakKiB: number;
  /** What the rest of the machine took of its processors meanwhile: registries and network, where nothing else runs. */
  readonly othersMs: number;
}

/** @throws {Error} with the end of what the program said, when it fails. */
export async function measured({ line, env }: Command): Promise<Measured> {
  const busyMs = busyTime();
  const { stdout, stderr } = await promisify(execFile)(await goProgram("measure"), [...line], {
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { exitCode, ...run } = JSON.parse(stdout) as Omit<Measured, "othersMs"> & {
    readonly exitCode: number;
  };
  const othersMs = Math.max(0, busyTime() - busyMs - run.cpuMs);
  if (exitCode !== 0) {
    throw new Error(`${line.slice(0, 4).join(" ")} … ended with ${exitCode}: ${stderr.slice(-2_000)}`);
  }
  return { ...run, othersMs };
}

/** Milliseconds that all processors have been at work since the machine was started. */
function busyTime(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
