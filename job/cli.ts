import { Command, CommanderError } from "commander";
import type { CommandContext, RunCommand } from "./commands/command.ts";
import { exitCodes } from "./commands/exit-code.ts";
import { addInitOptions, initHelp } from "./commands/init-options.ts";
import { addInjectCommand } from "./commands/inject-options.ts";
import { addKustomizeCommand } from "./commands/kustomize-options.ts";
import { addPromotionOptions, addSettingOptions } from "./commands/options.ts";
import { addPluginCommand } from "./commands/plugin-options.ts";
import { addPoliciesCommand } from "./commands/policies-options.ts";
import { addPolicyCommands } from "./commands/policy-options.ts";
import { addRenderCommands } from "./commands/render-options.ts";
import { asPromoterError, isUsageError, type PromoterError } from "./error.ts";
import { escapeForTerminal } from "./report/terminal-text.ts";
import type { Runtime } from "./runtime.ts";
import { version } from "./version.ts";

/**
 * Runs one command line from its arguments to its exit code. Whatever goes wrong is told on standard error; nothing
 * is thrown.
 *
 * @param args what follows the program's name.
 */
export async function runCli(
  args: readonly string[],
  runtime: Runtime,
  signal: AbortSignal,
): Promise<number> {
  const context: CommandContext = {
    runtime,
    signal,
    loadParts: async () => (await import("./parts.ts")).parts,
  };
  let code: number = exitCodes.done;
  const run = (load: () => Promise<RunCommand>) => async (images: readonly string[], flags: object) => {
    const command = await load();
    code = await command({ images, flags: { ...flags } }, context);
  };
  const program = buildProgram(run, runtime);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return tell(asPromoterError(error), runtime);
  }
}

type Run = (load: () => Promise<RunCommand>) => (images: readonly string[], flags: object) => Promise<void>;

/** The tree of commands. Each loads its code when it is called, so that help costs nothing. */
export function buildProgram(run: Run, { stdout, stderr }: Pick<Runtime, "stdout" | "stderr">): Command {
  const program = new Command("image-promoter")
    .description(
      "Promotes container images between registries, digest for digest, as part of an Argo CD sync.",
    )
    .version(version, "-V, --version")
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });

  addSettingOptions(addPromotionOptions(program.command("promote")), "dryRun")
    .summary("copy images to where they are to run")
    .description(
      "Sees that each image is at its destination: the Job's command. What is there already is not sent again.",
    )
    .addHelpText("after", promoteHelp)
    .action(run(async () => (await import("./commands/promote.ts")).promote));

  addPromotionOptions(program.command("plan"))
    .summary("say what promote would do")
    .description("Says what promote would do, in bytes and requests, and writes nothing.")
    .addHelpText("after", planHelp)
    .action(run(async () => (await import("./commands/promote.ts")).plan));

  addPromotionOptions(program.command("doctor"))
    .summary("check registries, credentials, repositories and policies")
    .description("Checks what a promotion needs, and says how to mend what is missing. Writes nothing.")
    .addHelpText("after", doctorHelp)
    .action(run(async () => (await import("./commands/doctor.ts")).doctor));

  addInjectCommand(program, run);
  const render = addRenderCommands(program, run);
  addKustomizeCommand(render, run);
  addPluginCommand(render, run);
  addPoliciesCommand(render, run);
  addPolicyCommands(program, run);

  addInitOptions(program.command("init"))
    .summary("write a promoter.yaml")
    .description("Writes a promoter.yaml with comments that explain it, out of flags or of answers.")
    .addHelpText("after", initHelp)
    .action((flags: object) => run(async () => (await import("./commands/init.ts")).init)([], flags));

  program
    .command("schema")
    .summary("print the JSON Schema of promoter.yaml")
    .description("Prints the JSON Schema of promoter.yaml, with which editors check and complete it.")
    .addHelpText("after", schemaHelp)
    .action(async () => stdout.write((await import("./commands/schema.ts")).schemaText()));

  program
    .command("completion")
    .summary("print completions for a shell")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", completionHelp)
    .action(async (shell: string) => {
      const { completion } = await import("./commands/completion.ts");
      stdout.write(completion(program, shell));
    });

  program
    .command("version")
    .summary("print the version")
    .action(() => stdout.write(`${version}\n`));

  return program;
}

function tell(error: PromoterError, { stderr }: Runtime): number {
  const lines = [`error [${error.code}]: ${error.message}`];
  if (error.request !== undefined) lines.push(`  request: ${error.request}`);
  if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
  // Messages about files show the line with a caret beneath it; whatever else is in them is made harmless.
  stderr.write(
    `${lines
      .flatMap((text) => text.split("\n"))
      .map(escapeForTerminal)
      .join("\n")}\n`,
  );
  if (isUsageError(error)) return exitCodes.usage;
  return error.temporary ? exitCodes.temporary : exitCodes.permanent;
}

const promoteHelp = `
Exit codes: 0 all images are there; 1 some are not, trying again may help; 4 some are not, trying again will not help;
2 wrong usage; 130 and 143 stopped by a signal.

Every option has the environment variable in brackets; images are PROMOTER_IMAGES.

Examples:
  # one image, from the development account to production
  image-promoter promote 222222222222.dkr.ecr.eu-west-1.amazonaws.com/app:1.4.2 \\
    --from 111111111111.dkr.ecr.eu-west-1.amazonaws.com --to 222222222222.dkr.ecr.eu-west-1.amazonaws.com

  # whatever an overlay is about to run
  kustomize build overlays/production | image-promoter promote -f - --config promoter.yaml

  # from staging where it has the image, else from development; repositories are created as needed
  image-promoter promote --images-file release.txt --from staging.example.com,dev.example.com \\
    --to prod.example.com --create-repositories
`;

const planHelp = `
Exit codes: 0 everything is up to date; 3 there is work to do; 1, 2, 4 as with promote.

Example:
  # a comment for the pull request that changes an overlay
  kustomize build overlays/production | image-promoter plan -f - --config promoter.yaml -o markdown
`;

const doctorHelp = `
Without images it checks the registries of the routes; with images also their repositories, on both sides.

Example:
  kustomize build overlays/production | image-promoter doctor -f - --config promoter.yaml
`;

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
