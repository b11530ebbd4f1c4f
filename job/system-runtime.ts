import { readFile, writeFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import type { WriteStream } from "node:tty";
import { systemClock } from "./async/clock.ts";
import type { Output, Runtime } from "./runtime.ts";

/**
 * The real process as a runtime. A reader that goes away early (`| head`) ends the output, not the promotion; an abort
 * ends the waiting for standard input with the signal's reason.
 */
export function systemRuntime(process: NodeJS.Process, signal: AbortSignal): Runtime {
  return {
    env: process.env,
    clock: systemClock,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    readInput: () => readInput(process, signal),
    readFile: (path) => readFile(path, "utf8"),
    writeFile: (path, content) => writeFile(path, content),
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
  try {
    return await text(addAbortSignal(signal, stdin));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
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
