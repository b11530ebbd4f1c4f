import type { Command } from "commander";
import { eventSettings } from "../config/event-setting-table.ts";
import type { Run } from "./command.ts";
import { addOwnSettings, addSettingOptions, copySettings, fromToSettings, gateSettings } from "./options.ts";

/** `on-push`. */
export function addOnPushCommand(program: Command, run: Run): void {
  const command = program
    .command("on-push")
    .summary("promote what has just been pushed")
    .description(
      "Promotes the images that events of ECR tell of: what the routes and the rules of sync lead on, as soon as it is pushed.",
    )
    .argument("[file...]", "files with events, as JSON; - is standard input, which is read without any");
  addOwnSettings(command, eventSettings);
  addSettingOptions(command, ...fromToSettings, ...copySettings, ...gateSettings, "logLevel", "logFormat")
    .addHelpText("after", onPushHelp)
    .action(run(async () => (await import("./on-push.ts")).onPush));
}

const onPushHelp = `
Prints a line of JSON for each event. --timeout is for each image.

Exit codes: 0 all that was to be promoted is there, or work was ended in order by SIGTERM; 1 something is not, trying
again may help; 2 wrong usage; 4 something is not, trying again will not help.

Examples:
  # one event
  image-promoter on-push event.json --config promoter.yaml

  # whatever a queue holds, until stopped
  image-promoter on-push --queue-url https://sqs.eu-west-1.amazonaws.com/111111111111/image-promoter-events \\
    --health 8080 --config promoter.yaml

  # as an API destination of EventBridge, behind an ingress with TLS
  image-promoter on-push --listen 8080 --auth-secret file:/var/run/secrets/events/secret --config promoter.yaml
`;
