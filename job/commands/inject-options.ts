import { type Command, InvalidArgumentError, Option } from "commander";
import type { Run } from "./command.ts";
import { addSettingOptions, collect, copySettings, gateSettings, routeSettings } from "./options.ts";

/** `inject`. */
export function addInjectCommand(program: Command, run: Run): void {
  const command = program
    .command("inject")
    .summary("put a Job for their images behind manifests")
    .description(
      "Reads Kubernetes manifests and writes the same bytes, with one PreSync Job behind them that promotes their images; without a Job where no route leads to any. A Job of an earlier run is replaced.",
    )
    .option("-f, --filename <file>", "manifests; without it, or with -, standard input", one)
    .option(
      "--build <folder>",
      "build this overlay or chart with kustomize or helm, and read that; its promoter.yaml, or the nearest above it, counts",
    );
  addSettingOptions(command, ...routeSettings, "strict", ...copySettings, ...gateSettings);
  addJobOptions(command)
    .option("--rbac", "also write the service account, its Role and its RoleBinding")
    .addHelpText("after", injectHelp)
    .action((flags: object) => run(async () => (await import("./inject.ts")).inject)([], flags));
}

/** Flags of every command that renders a Job. */
export function addJobOptions(command: Command): Command {
  return addJobReleaseOptions(addJobValueOptions(command));
}

/** Those that name its objects. */
export function addJobReleaseOptions(command: Command): Command {
  return command
    .option("--name <name>", "beginning of the objects' names (default: the Argo CD application's name)")
    .option("-n, --namespace <namespace>", "namespace of the objects; without it they name none");
}

/** Those that say what the Job is like, whatever it is called. */
export function addJobValueOptions(command: Command): Command {
  return addJobTemplateOptions(command)
    .addOption(new Option("--hook <engine>", "whose hook the Job is").choices(["argocd", "helm", "none"]))
    .option("--wave <number>", "sync wave or hook weight of the Job (default -10)", integer);
}

/** Those that say what its pods are like, of a Job that is no hook. */
export function addJobTemplateOptions(command: Command): Command {
  return command
    .option("--values <file>", "values of the chart, for more than flags can say; may be repeated", collect)
    .option("--set <path=value>", "one of those values: job.backoffLimit=0; may be repeated", collect)
    .option("--service-account <name>", "account that the Job runs as")
    .option("--promoter-image <image>", "image of image-promoter itself");
}

function one(value: string): readonly string[] {
  return [value];
}

function integer(value: string): number {
  if (!/^[+-]?\d{1,9}$/.test(value)) throw new InvalidArgumentError("It is no whole number.");
  return Number(value);
}

const injectHelp = `
Exit codes: 0 done, also when there is nothing to promote; 2 manifests, values or usage are wrong.

Examples:
  # what Argo CD will apply, with the Job
  kustomize build overlays/production | image-promoter inject --config promoter.yaml > production.yaml

  # Helm 3: the post-renderer
  helm template shop chart/ --post-renderer image-promoter --post-renderer-args inject \\
    --post-renderer-args --config=promoter.yaml

  # what the Argo CD plugin runs
  image-promoter inject --build overlays/production
`;
