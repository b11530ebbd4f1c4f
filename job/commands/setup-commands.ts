import type { Command } from "commander";
import type { Output } from "../runtime.ts";
import { version } from "../version.ts";
import type { Run } from "./command.ts";
import { addInitOptions, initHelp } from "./init-options.ts";

/** `init`, `schema`, `completion` and `version`: what helps to set the program up. */
export function addSetupCommands(program: Command, run: Run, stdout: Output): void {
  addInitOptions(program.command("init"))
    .summary("write a promoter.yaml")
    .description("Writes a promoter.yaml with comments that explain it, out of flags or of answers.")
    .addHelpText("after", initHelp)
    .action((flags: object) => run(async () => (await import("./init.ts")).init)([], flags));

  program
    .command("schema")
    .summary("print the JSON Schema of promoter.yaml")
    .description("Prints the JSON Schema of promoter.yaml, with which editors check and complete it.")
    .addHelpText("after", schemaHelp)
    .action(async () => stdout.write((await import("./schema.ts")).schemaText()));

  program
    .command("completion")
    .summary("print completions for a shell")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", completionHelp)
    .action(async (shell: string) => {
      const { completion } = await import("./completion.ts");
      stdout.write(completion(program, shell));
    });

  program
    .command("version")
    .summary("print the version")
    .action(() => stdout.write(`${version}\n`));
}

const schemaHelp = `
Example:
  image-promoter schema > promoter.schema.json   # then begin promoter.yaml with the line
                                                 # yaml-language-server: $schema=promoter.schema.json
`;

const completionHelp = `
Examples:
  image-promoter completion bash > /etc/bash_completion.d/image-promoter
  image-promoter completion zsh > "\${fpath[1]}/_image-promoter"
  image-promoter completion fish > ~/.config/fish/completions/image-promoter.fish
`;
