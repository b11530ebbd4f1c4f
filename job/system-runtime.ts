import { readFile } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isatty, type WriteStream } from "node:tty";
import { promisify } from "node:util";
import { systemClock } from "./async/clock.ts";
import { PromoterError } from "./error.ts";
import type { Output, ProgramResult, Runtime } from "./runtime.ts";

/**
 * The real process as a runtime. A reader that goes away early (`| head`) ends the output, not the promotion; an abort
 * ends the waiting for standard input with the signal's reason.
 *
 * @param isAttended whether somebody sits at standard input. By its number: to look at the stream would open it.
 */
export function systemRuntime(
  process: NodeJS.Process,
  signal: AbortSignal,
  isAttended: boolean = isatty(0),
): Runtime {
  return {
    env: process.env,
    clock: systemClock,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    readInput: () => readInput(process, signal),
    ...(isAttended && { ask: (question: string) => ask(process, question, signal) }),
    // The module of promises takes milliseconds to load, and a Job reads no more than a file or two.
    readFile: (path) => promisify(readFile)(path, "utf8"),
    async writeFile(path, content) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    },
    run: (program, args, folder) => runProgram(program, args, { cwd: folder, env: process.env, signal }),
  };
}

/** Resolves when all that was written has left the process, or nobody reads it any more. */
export async function flushed(process: NodeJS.Process): Promise<void> {
  // What a pipe does not take at once waits in the stream, and would be lost with the process.
  await Promise.all([process.stdout, process.stderr].map(drained));
}

function drained(stream: WriteStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.write("", () => resolve());
  return promise;
}

async function readInput({ stdin }: NodeJS.Process, signal: AbortSignal): Promise<string> {
  const { addAbortSignal } = await import("node:stream");
  const { buffer } = await import("node:stream/consumers");
  try {
    // As bytes first: a decoder of streams would take the byte order mark away.
    return (await buffer(addAbortSignal(signal, stdin))).toString("utf8");
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Questions go to standard error, so that a result may be piped. */
async function ask(process: NodeJS.Process, question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  // The terminal hands over Ctrl-C as a key; it is to end us as it ends every other command.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const closed = Promise.withResolvers<never>();
  lines.on("close", () =>
    closed.reject(new PromoterError("Usage", "Nobody answered", { hint: "Say it by flags instead" })),
  );
  try {
    return await Promise.race([lines.question(question, { signal }), closed.promise]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    closed.promise.catch(() => undefined);
    lines.close();
  }
}

/** The manifests of a whole cluster are smaller. */
const maxOutputBytes = 256 * 1024 * 1024;

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Runs a program to its end, without a shell. Throws Node's error with its `code` when it cannot start. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { execFile } = await import("node:child_process");
  const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>();
  const settings = { ...options, maxBuffer: maxOutputBytes, windowsHide: true };
  const child = execFile(program, args, settings, (error, stdout, stderr) => {
    // A code that is no number is Node's own: the program could not be started, or printed too much.
    if (error !== null && typeof error.code === "string") return reject(error);
    resolve({ exitCode: error === null ? 0 : (child.exitCode ?? undefined), stdout, stderr });
  });
  child.stdin?.end();
  return promise;
}

function output(stream: WriteStream): Output {
  let open = true;
  stream.on("error", () => {
    open = false;
  });
  return {
    write(content) {
      if (open) stream.write(content);
    },
    get isTerminal() {
      return stream.isTTY ?? false;
    },
    get columns() {
      return stream.columns ?? 80;
    },
  };
}
