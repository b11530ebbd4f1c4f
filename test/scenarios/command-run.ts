import { readFile } from "node:fs/promises";
import process from "node:process";
import { type Clock, systemClock } from "../../job/async/clock.ts";
import { runCli } from "../../job/cli.ts";
import type { Patience, Runtime } from "../../job/runtime.ts";
import { runProgram } from "../../job/system-runtime.ts";
import { written as noted } from "../secrets/ledger.ts";
import { findTool } from "../tool.ts";

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files that the command wrote, by path. */
  readonly written: ReadonlyMap<string, string>;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Files that exist, by path; others are read from the disk. */
  readonly files?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly patience?: Patience;
  readonly terminal?: boolean;
  /** What is typed when something is asked, line by line; without them nobody is there to ask. */
  readonly answers?: readonly string[];
  /** Told of what is written to standard error, as it is written. */
  readonly onStderr?: (text: string) => void;
}

/** Runs a whole command line in this process, as the real program does. */
export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
  const {
    env = {},
    input = "",
    files = {},
    signal = new AbortController().signal,
    terminal = false,
    answers,
  } = options;
  const text = { stdout: "", stderr: "" };
  const written = new Map<string, string>();
  const output = (stream: "stdout" | "stderr") => ({
    write(content: string) {
      text[stream] += content;
      if (stream === "stderr") options.onStderr?.(content);
    },
    isTerminal: terminal,
    columns: 120,
  });
  const runtime: Runtime = {
    env,
    clock: options.clock ?? systemClock,
    ...(options.patience && { patience: options.patience }),
    stdout: output("stdout"),
    stderr: output("stderr"),
    readInput: async () => input,
    ...(answers && { ask: asker(answers, (question) => output("stderr").write(question)) }),
    readFile: async (path) => files[path] ?? (await readFile(path, "utf8")),
    async writeFile(path, content) {
      written.set(path, content);
    },
    run: (program, args, folder) =>
      runProgram(findTool(program) ?? program, args, {
        cwd: folder,
        env: { ...process.env, ...env },
        signal,
      }),
  };
  const code = await runCli(args, runtime, signal);
  const line = `image-promoter ${args.join(" ")}`;
  noted({ from: `stdout of ${line}`, text: text.stdout });
  noted({ from: `stderr of ${line}`, text: text.stderr });
  for (const [path, content] of written) noted({ from: `${path} by ${line}`, text: content });
  return { code, ...text, written };
}

function asker(answers: readonly string[], show: (question: string) => void) {
  const left = [...answers];
  return async (question: string) => {
    show(`${question}\n`);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`no answer to ${question}`);
    return answer;
  };
}
