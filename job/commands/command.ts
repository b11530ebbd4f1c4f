import type { Parts } from "../parts.ts";
import type { Runtime } from "../runtime.ts";

/** What a command gets besides its options. */
export interface CommandContext {
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  /** Loads what speaks to registries; not before it is needed. */
  readonly loadParts: () => Promise<Parts>;
}

/** What a command was called with: commander's options in camel case, and the images of the command line. */
export interface CommandInput {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly images: readonly string[];
}

/** A command's run: resolves to the exit code, throws what the command line is told as an error. */
export type RunCommand = (input: CommandInput, context: CommandContext) => Promise<number>;

/** Makes a commander action of a command whose code is loaded when it is called. */
export type Run = (
  load: () => Promise<RunCommand>,
) => (images: readonly string[], flags: object) => Promise<void>;
