import type { Argument, Command, Option } from "commander";

/** What may stand for a value: one of some words, a file, a directory, or something that nobody can guess. */
export type Candidates =
  | { readonly type: "words"; readonly words: readonly string[] }
  | { readonly type: "file" }
  | { readonly type: "directory" }
  | { readonly type: "unknown" };

export interface CompletionFlag {
  /** As typed: `-o`, `--output`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What follows it; undefined when nothing does. */
  readonly value?: { readonly name: string; readonly candidates: Candidates };
}

/** A command, as completion sees it. */
export interface CompletionCommand {
  /** Names from below the program down: `policy apply` is `["policy", "apply"]`; the program itself is `[]`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly CompletionCommand[];
  readonly flags: readonly CompletionFlag[];
  /** What its operands are, taken together. */
  readonly operands: Candidates;
}

/** Reads the command tree. Hidden commands and flags are left out; a parent's flags are good below it too. */
export function completionTree(program: Command): CompletionCommand {
  return commandOf(program, [], []);
}

/** The command and all below it, parents first. */
export function allCommands(command: CompletionCommand): CompletionCommand[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function commandOf(
  command: Command,
  path: readonly string[],
  inherited: readonly CompletionFlag[],
): CompletionCommand {
  const help = command.createHelp();
  const own = help.visibleOptions(command).map(flagOf);
  const taken = new Set(own.flatMap((flag) => flag.names));
  const flags = [...own, ...inherited.filter((flag) => !flag.names.some((name) => taken.has(name)))];
  const subcommands = help.visibleCommands(command);
  const names = subcommands.map((subcommand) => subcommand.name());
  const commands = subcommands.map((subcommand) => {
    const below = commandOf(subcommand, [...path, subcommand.name()], flags);
    const others = names.filter((name) => name !== "help");
    return subcommand.name() === "help"
      ? { ...below, operands: { type: "words", words: others } as const }
      : below;
  });
  return {
    path,
    description: summaryOf(command),
    commands,
    flags,
    operands: operandsOf(command.registeredArguments),
  };
}

function summaryOf(command: Command): string {
  return firstLine(command.summary() || command.description());
}

function flagOf(option: Option): CompletionFlag {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const description = firstLine(option.description);
  if (!option.required && !option.optional) return { names, description };
  const name = /[<[]([^<>[\]]+)[>\]]/.exec(option.flags)?.[1]?.replace(/\.{3}$/, "") ?? "value";
  return { names, description, value: { name, candidates: candidatesOf(name, option.argChoices) } };
}

function operandsOf(operands: readonly Argument[]): Candidates {
  const all = operands.map((operand) => candidatesOf(operand.name(), operand.argChoices));
  const words = all.flatMap((candidates) => (candidates.type === "words" ? candidates.words : []));
  if (words.length > 0) return { type: "words", words };
  return all.find((candidates) => candidates.type !== "unknown") ?? { type: "unknown" };
}

/** Choices are offered as they are; files and directories are told by the name of the value: `FILE`, `DIR`. */
function candidatesOf(name: string, choices: readonly string[] | undefined): Candidates {
  if (choices !== undefined) return { type: "words", words: choices };
  if (/dir/i.test(name)) return { type: "directory" };
  if (/file/i.test(name)) return { type: "file" };
  return { type: "unknown" };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
