import type { Command } from "commander";
import { updateSettings } from "../config/update-setting-table.ts";
import type { Run } from "./command.ts";
import {
  addOwnSettings,
  addSettingOptions,
  fromToSettings,
  outputSettings,
  readingSettings,
} from "./options.ts";

/** `update`: newer tags, written to git. */
export function addUpdateCommand(program: Command, run: Run): void {
  const command = program
    .command("update")
    .summary("write newer tags to git")
    .description(
      "Finds newer tags of images in their registries, and writes them to git: those of the applications in promoter.yaml, and of Argo CD Applications with annotations of Argo CD Image Updater.",
    );
  addOwnSettings(command, updateSettings);
  addSettingOptions(command, ...fromToSettings, "dryRun", ...readingSettings, "blobHost", ...outputSettings)
    .addHelpText("after", help)
    .action((flags: object) => run(async () => (await import("./update.ts")).update)([], flags));
}

const help = `
An application in promoter.yaml says where its manifests are, and which of its images are kept up to date:

  update:
    applications:
      - name: shop
        repository: https://git.example.com/team/deploy.git
        path: overlays/production
        images:
          - image: 222222222222.dkr.ecr.eu-west-1.amazonaws.com/team/shop
            constraint: ^1.4

Of an image that a route leads to, newer tags are looked for where it comes from: the sync promotes what was written.
With --every, what was done is printed as a line of JSON each time that there was something to do.

Exit codes: 0 all is up to date, or was brought so; 1 some is not, trying again may help; 2 wrong usage; 3 --dry-run
found newer tags; 4 some is not, trying again will not help; 130 and 143 stopped by a signal.

Examples:
  # what would be written, and where
  image-promoter update --config promoter.yaml --dry-run

  # the Applications of a cluster, every two minutes
  image-promoter update --cluster-applications --every 2m --health 8080 --config promoter.yaml
`;
