import type { Command } from "commander";
import type { Run } from "./command.ts";
import { addSettingOptions, outputSettings, readingSettings } from "./options.ts";

/** `diff`: what differs between two environments. */
export function addDiffCommand(program: Command, run: Run): void {
  const command = program
    .command("diff")
    .summary("say which modules differ between two environments")
    .description(
      "Compares the images of two environments, module by module, with their digests, and says whether those of the second are promoted. Each is the folder of an overlay or a chart, a file of manifests, or - for standard input.",
    )
    .argument("<a>", "the one environment: overlays/staging")
    .argument("<b>", "the other: overlays/production")
    .option("--offline", "compare what is written, and ask no registry");
  addSettingOptions(command, "imagePath", "config", "from", "to", ...readingSettings, ...outputSettings)
    .addHelpText("after", help)
    .action((a: string, b: string, flags: object) =>
      run(async () => (await import("./diff.ts")).diff)([a, b], flags),
    );
}

const help = `
Modules are repositories, by their names below the registries and prefixes of the configuration's environments and routes;
images from elsewhere are compared as they are written.

Exit codes: 0 the same; 3 something differs; 1 and 4 a registry could not be asked, which may, or will not, pass;
2 wrong usage.

Examples:
  # what the next promotion would bring
  image-promoter diff overlays/staging overlays/production --config promoter.yaml

  # a chart with two files of values, without asking registries
  helm template shop . --values staging.yaml >staging.out
  helm template shop . --values production.yaml | image-promoter diff staging.out - --offline -o markdown
`;
