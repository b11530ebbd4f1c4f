import type { PolicyOutcome } from "../ecr/repository-policies.ts";
import { wantsColor } from "../report/color.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOfErrors, exitCodes } from "./exit-code.ts";
import { formatPolicies } from "./format-policies.ts";
import { loadSettings } from "./load-settings.ts";
import { findTargets, readPolicyRequests } from "./policy-targets.ts";

/** ECR changes few policies in a second. */
const mostAtATime = 8;

/** `policy apply`: sees that source repositories let others pull. With `--dry-run` it is `policy diff`. */
export async function applyPolicy(input: CommandInput, command: CommandContext): Promise<number> {
  return runPolicy(input, command, input.flags.dryRun !== true);
}

/** `policy diff`: what `apply` would change, line by line; the exit code says whether there is work. */
export async function diffPolicy(input: CommandInput, command: CommandContext): Promise<number> {
  return runPolicy(input, command, false);
}

async function runPolicy(
  input: CommandInput,
  { runtime, signal, loadParts }: CommandContext,
  writes: boolean,
): Promise<number> {
  const settings = await loadSettings({ ...input, images: [] }, runtime);
  const requests = readPolicyRequests(input, settings);
  const policies = (await loadParts()).openPolicies({ settings, runtime });
  const targets = await findTargets(requests, policies, signal);
  const concurrency = Math.min(settings.concurrency, mostAtATime);
  const work = { clock: runtime.clock, concurrency, signal };
  const outcomes = await (writes ? policies.apply(targets, work) : policies.plan(targets, work));
  const color = wantsColor(runtime.env, runtime.stdout.isTerminal);
  const { output } = settings;
  runtime.stdout.write(await formatPolicies(outcomes, { output, color, showsDiff: !writes }));
  return exitCodeOfPolicies(outcomes);
}

function exitCodeOfPolicies(outcomes: readonly PolicyOutcome[]): number {
  const failed = exitCodeOfErrors(outcomes.flatMap(({ error }) => error ?? []));
  if (failed !== exitCodes.done) return failed;
  return outcomes.some(({ status }) => status === "to-update") ? exitCodes.workToDo : exitCodes.done;
}
