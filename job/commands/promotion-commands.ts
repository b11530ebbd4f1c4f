import type { Command } from "commander";
import type { Run } from "./command.ts";
import { addPromotionOptions, addSettingOptions, notifySettings, shardingSettings } from "./options.ts";

/** The commands that speak to registries about images, by their names: those that a Job runs. */
export const promotionCommands: ReadonlyMap<string, (program: Command, run: Run) => void> = new Map([
  ["promote", addPromote],
  ["plan", addPlan],
  ["doctor", addDoctor],
]);

function addPromote(program: Command, run: Run): void {
  addSettingOptions(
    addPromotionOptions(program.command("promote")),
    "dryRun",
    ...notifySettings,
    ...shardingSettings,
  )
    .summary("copy images to where they are to run")
    .description(
      "Sees that each image is at its destination: the Job's command. What is there already is not sent again.",
    )
    .addHelpText("after", promoteHelp)
    .action(run(async () => (await import("./promote.ts")).promote));
}

function addPlan(program: Command, run: Run): void {
  addPromotionOptions(program.command("plan"))
    .summary("say what promote would do")
    .description("Says what promote would do, in bytes and requests, and writes nothing.")
    .addHelpText("after", planHelp)
    .action(run(async () => (await import("./promote.ts")).plan));
}

function addDoctor(program: Command, run: Run): void {
  addPromotionOptions(program.command("doctor"))
    .summary("check registries, credentials, repositories and policies")
    .description("Checks what a promotion needs, and says how to mend what is missing. Writes nothing.")
    .addHelpText("after", doctorHelp)
    .action(run(async () => (await import("./doctor.ts")).doctor));
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

  # a message to Slack where something was copied or failed; the address comes from the environment
  image-promoter promote -f release.yaml --config promoter.yaml --notify '\${env:SLACK_WEBHOOK_URL}'

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
