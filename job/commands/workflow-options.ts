import { type Command, Option } from "commander";
import type { Run } from "./command.ts";
import { addOutputOptions } from "./render-options.ts";

/** `render workflow`. */
export function addWorkflowCommand(render: Command, run: Run): void {
  const command = render
    .command("workflow")
    .summary("write an Argo workflow that builds, assembles and promotes")
    .description(
      "Writes Argo Workflows and Argo Events objects for a release: each repository of a metadata-multi.yaml is built on nodes of each architecture, indexes are made of what was built, and these are promoted.",
    )
    .requiredOption("--metadata <file>", "metadata-multi.yaml: what is built for which architectures")
    .requiredOption("--git <url>", "Git repository of the sources")
    .option("--name <name>", "name of the WorkflowTemplate", "release")
    .option("--namespace <name>", "namespace of the objects; without it they name none")
    .addOption(
      new Option("--builder <builder>", "what builds: all without privileges and without a daemon")
        .choices(["buildkit", "kaniko", "buildah"])
        .default("buildkit"),
    )
    .option("--builder-image <image>", "its image, where not the one that this version was tried with")
    .requiredOption("--promoter-image <image>", "image of image-promoter itself")
    .option("--to <registry>", "HOST[/PREFIX] to promote the indexes to; without it they are not promoted")
    .option("--git-secret <name>", "Secret with username and password for the Git repository")
    .option("--registry-secret <name>", "Secret of type kubernetes.io/dockerconfigjson for the registries")
    .option("--build-role-arn <arn>", "role of builds and assembly, by IAM Roles for Service Accounts")
    .option("--promote-role-arn <arn>", "role of the promotion");
  addOutputOptions(addEventOptions(command))
    .addHelpText("after", help)
    .action((flags: object) =>
      run(async () => (await import("./render-workflow.ts")).renderWorkflowFiles)([], flags),
    );
}

function addEventOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--events <source>",
        "also write what starts it: tags pushed to GitHub, or posts to a webhook",
      ).choices(["github", "webhook"]),
    )
    .option("--github <owner/repository>", "repository whose tags start it")
    .option("--events-url <url>", "where the sender reaches the event source: https://hooks.example.com")
    .option("--events-secret <name>", "Secret whose key secret proves who sends")
    .option("--no-event-bus", "write no EventBus: the namespace has one")
    .option(
      "--notify-secret <name[:key]>",
      "Secret with the address of a webhook that is told how it ended; key url",
    )
    .option("--notify-image <image>", "image with curl for that", "docker.io/curlimages/curl:8.16.0");
}

const help = `
Exit codes: 0 done; 2 values or usage are wrong; 3 with --check, some files are not current.

Examples:
  image-promoter render workflow --metadata metadata-multi.yaml --git https://github.com/example/shop.git \\
    --promoter-image registry.example.com/image-promoter:1.0 --registry-secret registry \\
    --to 222222222222.dkr.ecr.eu-west-1.amazonaws.com --output-dir workflow

  # started by tags
  image-promoter render workflow --metadata metadata-multi.yaml --git https://github.com/example/shop.git \\
    --promoter-image registry.example.com/image-promoter:1.0 --events github --github example/shop \\
    --events-url https://hooks.example.com --events-secret github-webhook --output-dir workflow
`;
