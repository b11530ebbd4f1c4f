import { type Command, InvalidArgumentError, Option } from "commander";
import type { Run } from "./command.ts";
import { addJobReleaseOptions, addJobTemplateOptions } from "./inject-options.ts";
import { addSettingOptions, copySettings, gateSettings } from "./options.ts";
import { addOutputOptions } from "./render-options.ts";

/** `render events`. */
export function addEventsCommand(render: Command, run: Run): void {
  const command = render
    .command("events")
    .summary("write what on-push needs")
    .description(
      "Writes what tells image-promoter of pushes: for each source registry a rule of EventBridge with a queue and a dead-letter queue, for each destination's account what lets its role take events, and the Deployment that runs on-push.",
    )
    .addOption(
      new Option("--format <format>", "language of the files for AWS")
        .choices(["cloudformation", "terraform"])
        .default("cloudformation"),
    );
  addSettingOptions(command, "config", "environment", "from", "to", ...copySettings, ...gateSettings);
  addOutputOptions(addJobReleaseOptions(addJobTemplateOptions(addQueueOptions(command))))
    .addHelpText("after", eventsHelp)
    .action((flags: object) =>
      run(async () => (await import("./render-events.ts")).renderEventFiles)([], flags),
    );
}

function addQueueOptions(command: Command): Command {
  return command
    .option("--queue-name <name>", "name of rule and queue", "image-promoter-events")
    .option("--role-name <name>", "role that takes events, with its path", "image-promoter")
    .option("--max-receive-count <number>", "how often a message is tried (default: 10)", count(1, 1_000))
    .option("--replicas <number>", "pods of the Deployment (default: 2)", count(1, 50))
    .option("--network-policy", "write a NetworkPolicy: DNS, HTTPS and probes, nothing else");
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,4}$/.test(text) ? Number(text) : -1;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is no whole number from ${least} to ${most}.`);
  };
}

const eventsHelp = `
Exit codes: 0 done; 2 values or usage are wrong; 3 with --check, some files are not current.

The role itself, with what it may do in ECR, is written by render policies.

Examples:
  image-promoter render events --config promoter.yaml --name shop --namespace shop --output-dir events
  aws cloudformation deploy --stack-name image-promoter-events --template-file events/source-111111111111-eu-west-1.yaml
  kubectl apply -f events/kubernetes

  image-promoter render events --format terraform --from 111111111111.dkr.ecr.eu-west-1.amazonaws.com \\
    --to 222222222222.dkr.ecr.eu-west-1.amazonaws.com --network-policy --output-dir events
`;
