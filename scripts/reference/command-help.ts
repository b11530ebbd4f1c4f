import type { Command } from "commander";
import { buildProgram } from "../../job/cli.ts";

const columns = 100;

/** Every command with the help that it prints, parents first. */
export function commandHelps(): { readonly name: string; readonly help: string }[] {
  return helpsOf(programCommand());
}

/** The command line's tree, for reading: none of its commands runs. */
export function programCommand(): Command {
  const nowhere = { write() {}, isTerminal: false, columns };
  return buildProgram(() => async () => {}, { stdout: nowhere, stderr: nowhere });
}

/** The part of the page: a heading and the help of each command. */
export function commandLinePart(): string {
  return commandHelps()
    .map(({ name, help }) => `## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\``)
    .join("\n\n");
}

function helpsOf(command: Command, parents: readonly string[] = []): { name: string; help: string }[] {
  const path = [...parents, command.name()];
  let help = "";
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => columns,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return [{ name: path.join(" "), help }, ...command.commands.flatMap((below) => helpsOf(below, path))];
}
