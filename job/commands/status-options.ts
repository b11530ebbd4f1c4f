import type { Command } from "commander";
import { statusSettings } from "../config/status-setting-table.ts";
import type { Run } from "./command.ts";
import { addOwnSettings, addSettingOptions, readingSettings } from "./options.ts";

/** `status`: which modules are in which environments. */
export function addStatusCommand(program: Command, run: Run): void {
  const command = program
    .command("status")
    .summary("tell which modules are in which environments")
    .description(
      "Tells for each module and each environment of promoter.yaml which image is wanted, whether it is promoted, when and by which revision, which workloads use it, and what is not as it is written.",
    );
  const { output, ...own } = statusSettings;
  addOwnSettings(command, own);
  addSettingOptions(command, "imagePath", "config", "from", "to", ...readingSettings);
  addOwnSettings(command, { output });
  addSettingOptions(command, "logLevel", "logFormat")
    .addHelpText("after", help)
    .action((flags: object) => run(async () => (await import("./status.ts")).status)([], flags));
}

const help = `
Modules are repositories, by their names below the registries and prefixes of the environments. What an environment is to
run its manifests tell, what it runs its cluster; of an environment with neither, the newest image of its registry counts. Without environments
--from and --to are two, called by their registries.

Exit codes: 0 all is as it is written; 3 something drifts; 1 and 4 something could not be asked, which may, or will not,
pass; 2 wrong usage.

Examples:
  # what is where; promoter.yaml names the environments and their overlays
  image-promoter status --config promoter.yaml

  # with what really runs, as a page to put somewhere
  image-promoter status --config promoter.yaml --cluster staging=staging.kubeconfig \\
    --cluster production=production.kubeconfig -o html >status.html
`;
