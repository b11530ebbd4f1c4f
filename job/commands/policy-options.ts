import { type Command, Option } from "commander";
import { pullSid } from "../ecr/policy/pull-statement.ts";
import type { Run } from "./command.ts";
import { addSettingOptions, collect } from "./options.ts";

/** `policy apply` and `policy diff`. */
export function addPolicyCommands(program: Command, run: Run): void {
  const policy = program
    .command("policy")
    .summary("let other accounts pull from source repositories")
    .description("Merges the statement by which destination accounts pull into repository policies of ECR.");
  addPolicyOptions(policy.command("apply"))
    .summary("write what is missing")
    .description(
      "Sees that each policy has the statement. Everybody else's statements stay as they are; what is right already is not written again; all policies are read before the first is written.",
    )
    .option("--dry-run", "show what would change, as policy diff does")
    .addHelpText("after", applyHelp)
    .action(run(async () => (await import("./policy.ts")).applyPolicy));
  addPolicyOptions(policy.command("diff"))
    .summary("show what apply would change")
    .description("Shows line by line what policy apply would change, and writes nothing.")
    .addHelpText("after", diffHelp)
    .action(run(async () => (await import("./policy.ts")).diffPolicy));
}

function addPolicyOptions(command: Command): Command {
  const options = command
    .argument(
      "[registry...]",
      "source registries: HOST[/PREFIX]; without one, the sources of routes and environments",
    )
    .option("--repository <pattern>", "repositories: team/app, 'team/*'; may be repeated", collect)
    .option("--all", "all repositories of the registry")
    .option(
      "--principal <principal>",
      "who may pull: an account, or the ARN of a role; may be repeated; without one, those that the routes and environments lead to",
      collect,
    )
    .option("--organization <id>", "let every account of this AWS organization pull: o-a1b2c3d4e5")
    .option("--sid <sid>", `by which the statement is known again (default ${pullSid})`)
    .option("--reads", "allow what plan and doctor ask of a source besides");
  return addSettingOptions(
    options,
    "config",
    "environment",
    "from",
    "to",
    "concurrency",
    "maxSeverity",
  ).addOption(new Option("-o, --output <format>", "format of the result").choices(["text", "json", "yaml"]));
}

const applyHelp = `
Exit codes: 0 every policy is as it should be; 1 some are not, trying again may help; 4 some are not, trying again will
not help; 2 wrong usage; with --dry-run 3 when there is work to do.

The statement says exactly who is named: whoever was named before, and is no more, loses it. Several groups are kept
apart by --sid.

Examples:
  # production may pull from one team's repositories
  image-promoter policy apply 111111111111.dkr.ecr.eu-west-1.amazonaws.com \\
    --repository 'team/*' --principal 222222222222

  # every account of the organization, from all repositories; look first
  image-promoter policy diff 111111111111.dkr.ecr.eu-west-1.amazonaws.com --all --organization o-a1b2c3d4e5

  # whatever the routes of promoter.yaml need
  image-promoter policy apply --config promoter.yaml --all
`;

const diffHelp = `
Exit codes: 0 nothing to do; 3 there is work to do; 1, 2, 4 as with apply.
`;
