import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { buildBundle } from "../../scripts/build.ts";
import type { Shipyard } from "./shipyard.ts";

const root = new URL("../..", import.meta.url).pathname;

/** The program as it is shipped, in a folder of its own. */
export interface Program extends AsyncDisposable {
  readonly file: string;
}

export async function buildProgram(): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "endurance-"));
  const { file } = await buildBundle({ root, outputFolder: join(folder, "dist") });
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** How a process ended. */
export interface Ending {
  /** Undefined when a signal ended it at once. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program while it promotes a fleet. */
export interface RunningProgram {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ending>;
}

export function startProgram({ file }: Program, { world, args }: Shipyard): RunningProgram {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH, ...world.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise<number | undefined>((resolve) =>
    child.once("exit", (number) => resolve(number ?? undefined)),
  );
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)]).then(
    ([code, stdout, stderr]): Ending => ({ code, stdout, stderr }),
  );
  return { child, ended };
}
