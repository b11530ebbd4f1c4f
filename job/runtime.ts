import type { Clock } from "./async/clock.ts";

/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

/** How a program ended. */
export interface ProgramResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long this program waits for others, in milliseconds. */
export interface Patience {
  /** For a connection to a registry. */
  readonly connectMs: number;
  /** For a registry's answer, and for a transfer that hardly moves. */
  readonly answerMs: number;
  /** For an answer of AWS's API. */
  readonly apiAnswerMs: number;
}

/** Everything of the outside world that is not a registry, handed in so that whole commands run inside a test. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Default: 10 and 60 seconds for registries, 20 seconds for AWS's API. */
  readonly patience?: Patience;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Standard input, whole. */
  readInput(): Promise<string>;
  /** Asks whoever sits at the terminal, and resolves to the line that is typed; absent when nobody does. */
  readonly ask?: (question: string) => Promise<string>;
  /** A file, whole, as UTF-8. Throws Node's error with its `code`. */
  readFile(path: string): Promise<string>;
  /** Writes a file, whole, and makes the folders that it is in. */
  writeFile(path: string, text: string): Promise<void>;
  /** Runs a program to its end, without a shell, in `folder`. Throws Node's error with its `code` when it cannot start. */
  run(program: string, args: readonly string[], folder: string): Promise<ProgramResult>;
}
