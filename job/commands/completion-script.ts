import type { Command } from "commander";
import { bashCompletion } from "./completion-bash.ts";
import { fishCompletion } from "./completion-fish.ts";
import { completionTree } from "./completion-tree.ts";
import { zshCompletion } from "./completion-zsh.ts";

/** Shells that completion is written for. */
export const completionShells = ["bash", "zsh", "fish"] as const;

export type CompletionShell = (typeof completionShells)[number];

const writers = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/**
 * A script that teaches a shell the program's subcommands, flags, choices and file arguments. It is complete in itself:
 * the program is not run while somebody types.
 */
export function completionScript(program: Command, shell: CompletionShell): string {
  return writers[shell](program.name(), completionTree(program));
}
