import type { Command } from "commander";
import { PromoterError } from "../error.ts";
import { completionScript } from "./completion-script.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** @throws {PromoterError} `Usage` for a shell that we do not know. */
export function completion(program: Command, shell: string): string {
  const known = shells.find((name) => name === shell);
  if (known === undefined) {
    throw new PromoterError("Usage", `Cannot complete for the shell ${JSON.stringify(shell)}`, {
      hint: `Name one of ${shells.join(", ")}`,
    });
  }
  return completionScript(program, known);
}
