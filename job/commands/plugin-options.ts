import { type Command, Option } from "commander";
import type { Run } from "./command.ts";
import { addJobValueOptions } from "./inject-options.ts";
import { addSettingOptions } from "./options.ts";
import { addOutputOptions } from "./render-options.ts";

/** `render plugin`. */
export function addPluginCommand(render: Command, run: Run): void {
  const command = render
    .command("plugin")
    .summary("write a plugin of Argo CD or of Helm 4")
    .description(
      "Writes what makes Argo CD put a Job behind whatever it builds with kustomize or helm: a Component for the kustomization that installs Argo CD, and a Dockerfile; or the post-renderer plugin of Helm 4.",
    )
    .addOption(new Option("--for <tool>", "whose plugin").choices(["argocd", "helm"]).default("argocd"))
    .option(
      "--image <image>",
      "image of the sidecar, which the Dockerfile builds",
      "image-promoter-plugin:latest",
    )
    .option(
      "--discover <glob>",
      "file by which an application's folder chooses the plugin; none: only applications that name the plugin use it",
      "promoter.yaml",
    );
  addSettingOptions(command, "from", "to");
  addOutputOptions(addJobValueOptions(command))
    .addHelpText("after", pluginHelp)
    .action((flags: object) =>
      run(async () => (await import("./render-plugin.ts")).renderPluginFiles)([], flags),
    );
}

const pluginHelp = `
Exit codes: 0 done; 2 values or usage are wrong; 3 with --check, some files are not current.

Examples:
  # the sidecar of repo-server
  image-promoter render plugin --image 222222222222.dkr.ecr.eu-west-1.amazonaws.com/image-promoter-plugin:1.0.0 \\
    --service-account image-promoter --output-dir argocd/image-promoter

  # Helm 4
  image-promoter render plugin --for helm --output-dir image-promoter-plugin
  helm plugin install image-promoter-plugin
  helm template shop chart/ --post-renderer image-promoter --post-renderer-args --config=promoter.yaml
`;
