import { type Command, Option } from "commander";
import type { Run } from "./command.ts";
import { addSettingOptions, collect } from "./options.ts";
import { addOutputOptions } from "./render-options.ts";

/** `render policies`. */
export function addPoliciesCommand(render: Command, run: Run): void {
  const command = render
    .command("policies")
    .summary("write what AWS has to allow")
    .description(
      "Writes the policies of both sides: what lets the destinations pull from each source, and the role of the Job in each destination account, with exactly the actions that a promotion takes.",
    )
    .addOption(
      new Option("--format <format>", "language of the files")
        .choices(["json", "terraform", "cloudformation"])
        .default("json"),
    );
  addSettingOptions(command, "config", "environment", "from", "to", "createRepositories", "maxSeverity");
  addOutputOptions(addSideOptions(addPodOptions(command)))
    .addHelpText("after", policiesHelp)
    .action((flags: object) =>
      run(async () => (await import("./render-policies.ts")).renderPolicyFiles)([], flags),
    );
}

function addPodOptions(command: Command): Command {
  return command
    .option("--role-name <name>", "name of the Job's role, with its path", "image-promoter")
    .option("--namespace <name>", "namespace that the Job runs in")
    .option("--service-account <name>", "service account that it runs as", "image-promoter")
    .option(
      "--oidc-provider <issuer>",
      "let pods have the role by IRSA: the cluster's issuer, or its provider's ARN; may be repeated, for each account; without it by EKS Pod Identity",
      collect,
    )
    .option("--audience <name>", "audience of the pods' tokens; default sts.amazonaws.com")
    .option("--cluster <name>", "cluster to associate the role with, by EKS Pod Identity")
    .option("--cluster-arn <arn>", "only cluster whose pods may have the role, by EKS Pod Identity");
}

function addSideOptions(command: Command): Command {
  return command
    .option(
      "--repository <pattern>",
      "repositories, by the part of their names that is the same on both sides; may be repeated; without it, what the routes lead to",
      collect,
    )
    .addOption(
      new Option(
        "--let-in <whom>",
        "whom sources let in: the destinations' accounts, or the Job's roles alone",
      )
        .choices(["accounts", "roles"])
        .default("accounts"),
    )
    .option("--organization <id>", "let in every account of this AWS organization instead: o-a1b2c3d4e5")
    .option("--sid <sid>", "by which policy apply knows the sources' statement again")
    .option("--kms-key <key>", "key that new repositories are encrypted with; may be repeated", collect)
    .option("--reads", "allow what plan and doctor ask besides")
    .option("--lifecycle", "write a lifecycle policy for sources too: the newest 500 images are kept")
    .option(
      "--expire-untagged <days>",
      "write one for destinations: what has no tag expires; not where manifests name images by digest alone",
    );
}

const policiesHelp = `
Exit codes: 0 done; 2 values or usage are wrong; 3 with --check, some files are not current.

A registry that is reached by a role of its own (registries[].roleArn in promoter.yaml) gets that role instead of a
policy for its repositories. Existing repository policies are best changed by policy apply, which keeps what others wrote.

Examples:
  # the role as Terraform, for EKS Pod Identity
  image-promoter render policies --format terraform --config promoter.yaml --namespace shop --cluster production \\
    --output-dir terraform

  # as JSON, for IRSA, repositories created as needed
  image-promoter render policies --from 111111111111.dkr.ecr.eu-west-1.amazonaws.com \\
    --to 222222222222.dkr.ecr.eu-west-1.amazonaws.com --create-repositories --namespace shop \\
    --oidc-provider https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE --output-dir policies
`;
