import { Command, CommanderError } from "commander";
import { addBackfillCommand } from "./commands/backfill-options.ts";
import type { CommandContext, Run } from "./commands/command.ts";
import { addDiffCommand } from "./commands/diff-options.ts";
import { addEventsCommand } from "./commands/events-options.ts";
import { exitCodes } from "./commands/exit-code.ts";
import { addHistoryCommand } from "./commands/history-options.ts";
import { addIndexCommands } from "./commands/index-options.ts";
import { addInjectCommand } from "./commands/inject-options.ts";
import { addKustomizeCommand } from "./commands/kustomize-options.ts";
import { addOnPushCommand } from "./commands/on-push-options.ts";
import { addPluginCommand } from "./commands/plugin-options.ts";
import { addPoliciesCommand } from "./commands/policies-options.ts";
import { addPolicyCommands } from "./commands/policy-options.ts";
import { promotionCommands } from "./commands/promotion-commands.ts";
import { addRenderCommands } from "./commands/render-options.ts";
import { addServeCommand } from "./commands/serve-options.ts";
import { addSetupCommands } from "./commands/setup-commands.ts";
import { addStatusCommand } from "./commands/status-options.ts";
import { addSyncCommand } from "./commands/sync-options.ts";
import { addUpdateCommand } from "./commands/update-options.ts";
import { addWorkflowCommand } from "./commands/workflow-options.ts";
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
  const run: Run = (load) => async (images, flags) => {
    const command = await load();
    code = await command({ images, flags: { ...flags } }, context);
  };
  const program = buildProgram(run, runtime, args[0]);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return tell(asPromoterError(error), runtime);
  }
}

/**
 * The tree of commands. Each loads its code when it is called, so that help costs nothing.
 *
 * @param called the command that will be run: when it is one of the Job's, the others are left out, since a sync that
 *   changes nothing is over before they would be declared.
 */
export function buildProgram(
  run: Run,
  { stdout, stderr }: Pick<Runtime, "stdout" | "stderr">,
  called?: string,
): Command {
  const program = new Command("image-promoter")
    .description(
      "Promotes container images between registries, digest for digest, as part of an Argo CD sync.",
    )
    .version(version, "-V, --version")
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });

  const only = promotionCommands.get(called ?? "");
  if (only !== undefined) {
    only(program, run);
    return program;
  }
  for (const add of promotionCommands.values()) add(program, run);
  addDiffCommand(program, run);
  addHistoryCommand(program, run);
  addIndexCommands(program, run);
  addInjectCommand(program, run);
  addOnPushCommand(program, run);
  const render = addRenderCommands(program, run);
  addKustomizeCommand(render, run);
  addPluginCommand(render, run);
  addPoliciesCommand(render, run);
  addWorkflowCommand(render, run);
  addBackfillCommand(render, run);
  addEventsCommand(render, run);
  addPolicyCommands(program, run);

  addServeCommand(program, run);
  addStatusCommand(program, run);
  addSyncCommand(program, run);
  addUpdateCommand(program, run);
  addSetupCommands(program, run, stdout);

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
