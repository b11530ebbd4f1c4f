import { type Command, Option } from "commander";
import type { Run } from "./command.ts";
import { addJobOptions } from "./inject-options.ts";
import { addSettingOptions, collect, copySettings, gateSettings, routeSettings } from "./options.ts";
import { addOutputOptions } from "./render-options.ts";

/** `render kustomize`. */
export function addKustomizeCommand(render: Command, run: Run): void {
  const command = render
    .command("kustomize")
    .summary("write what an overlay includes")
    .description(
      "Writes a folder for a Kustomize overlay: the Job, what it needs, and replacements that put those images into it which the overlay ends up with.",
    )
    .option(
      "--workload <kind/name:container>",
      "whose image to promote, as in Deployment/api:server; may be repeated",
      collect,
    )
    .addOption(
      new Option(
        "--as <form>",
        "replacements: for the overlay's replacements; transformer: a folder for its transformers, which may lie elsewhere and serve several overlays",
      )
        .choices(["replacements", "transformer"])
        .default("replacements"),
    );
  addSettingOptions(command, "filename", ...routeSettings, "strict", ...copySettings, ...gateSettings);
  addOutputOptions(addJobOptions(command))
    .addHelpText("after", kustomizeHelp)
    .action((flags: object) =>
      run(async () => (await import("./render-kustomize.ts")).renderKustomizeFiles)([], flags),
    );
}

const kustomizeHelp = `
Exit codes: 0 done; 2 manifests, values or usage are wrong; 3 with --check, some files are not current.

Run it again when a workload or a container is added; doctor -f says when the Job misses an image.

Examples:
  # for all images of an overlay that a route leads to
  kustomize build overlays/production |
    image-promoter render kustomize -f - --config promoter.yaml --output-dir overlays/production/promoter

  # for one container, from outside of the overlays
  image-promoter render kustomize --workload Deployment/api:server --as transformer \\
    --from dev.example.com --to prod.example.com --output-dir infra/promoter
`;
