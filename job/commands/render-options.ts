import type { Command } from "commander";
import type { Run } from "./command.ts";
import { addJobOptions } from "./inject-options.ts";
import { addSettingOptions, imageSettings } from "./options.ts";

/** The images of commands that render: what no route leads to is somebody else's. */
export const renderedImages = "images by their destination; those without a route are left out";

/** `render chart` and `render manifests`. */
export function addRenderCommands(program: Command, run: Run): Command {
  const render = program
    .command("render")
    .summary("write what a cluster needs")
    .description("Writes what a platform team installs: the chart, or plain manifests of the same objects.");

  addOutputOptions(render.command("chart"))
    .summary("write the Helm chart")
    .description("Writes the Helm chart that other charts depend on.")
    .addHelpText("after", chartHelp)
    .action((flags: object) => run(async () => (await import("./render.ts")).renderChartFiles)([], flags));

  const manifests = render
    .command("manifests")
    .summary("write the Job and what it needs")
    .description(
      "Writes the objects that the chart would install, for those who use neither Helm nor Kustomize.",
    )
    .argument("[image...]", renderedImages);
  addSettingOptions(manifests, ...imageSettings);
  addOutputOptions(addJobOptions(manifests))
    .addHelpText("after", manifestsHelp)
    .action(run(async () => (await import("./render.ts")).renderManifestFiles));
  return render;
}

/** Flags of every command that writes files. */
export function addOutputOptions(command: Command): Command {
  return command
    .option("--output-dir <folder>", "write files into this folder instead of standard output")
    .option("--check", "write nothing, and fail when the folder's files are not as they would be written");
}

const chartHelp = `
Exit codes: 0 done; 2 wrong usage; 3 with --check, some files are not current.

Example:
  image-promoter render chart --output-dir charts/image-promoter
`;

const manifestsHelp = `
Exit codes: 0 done; 2 values or usage are wrong; 3 with --check, some files are not current.

Examples:
  # the Job for what an overlay is about to run
  kustomize build overlays/production |
    image-promoter render manifests -f - --config promoter.yaml --name shop --namespace shop

  # as files, with values of the chart
  image-promoter render manifests --values values.yaml --set job.backoffLimit=0 --name shop --output-dir deploy
`;
