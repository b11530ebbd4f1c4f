import { stringify } from "yaml";
import type { RegistryPrefix } from "../promotion/route.ts";
import type { SaidEnvironment } from "./environment-flag.ts";
import { formatRegistryPrefix } from "./route-flag.ts";

/** What a new configuration says. */
export interface ConfigurationDraft {
  /** In the order of promotion: where images are built comes first. */
  readonly environments: readonly SaidEnvironment[];
  /** One route instead of environments. */
  readonly route?: { readonly from: readonly RegistryPrefix[]; readonly to: RegistryPrefix };
  readonly createRepositories: boolean;
}

/** The text of a promoter.yaml with comments that explain it. What is commented out may be used as it stands. */
export function configurationText({ environments, route, createRepositories }: ConfigurationDraft): string {
  const parts = [head];
  if (environments.length > 0) {
    parts.push(
      environmentsComment + environments.map((_, index) => environmentText(environments, index)).join("\n"),
    );
  }
  if (route !== undefined) parts.push(routeText(route));
  parts.push(copyText(createRepositories), tail);
  return parts.join("\n");
}

const head = `# yaml-language-server: $schema=promoter.schema.json
#
# Configuration of image-promoter. Editors check and complete it with the schema named above, which
# "image-promoter schema > promoter.schema.json" writes.
apiVersion: image-promoter/v1
kind: Promoter
`;

const environmentsComment = `# Where each environment's images are, in the order of promotion. "--environment NAME" (PROMOTER_ENVIRONMENT) says which
# one is promoted into; where only one promotes, nobody has to.
environments:
`;

function environmentText(environments: readonly SaidEnvironment[], index: number): string {
  const environment = environments[index];
  if (environment === undefined) return "";
  const { name, registry, prefix } = environment;
  const fields =
    "host" in registry
      ? [`registry: ${scalar(registry.host)}`]
      : [`account: "${registry.account}"`, `region: ${registry.region}`];
  if (prefix !== "") fields.push(`prefix: ${scalar(prefix)}`);
  // The nearest is asked first: it has what was promoted last.
  const sources = environments.slice(0, index).reverse();
  const account = "account" in registry ? registry.account : "111111111111";
  const more = index === 0 ? builtText(account) : promotedText(sources, account);
  return `  ${scalar(name)}:\n${[...fields, ...more].map((line) => `    ${line}\n`).join("")}`;
}

function builtText(account: string): string[] {
  return [
    "# A role to assume in this account for pulling, instead of a repository policy that lets the others in:",
    `# roleArn: arn:aws:iam::${account}:role/pull-images`,
    "# externalId: what-its-trust-policy-asks-for",
  ];
}

function promotedText(sources: readonly SaidEnvironment[], account: string): string[] {
  return [
    "# Where images come from: the first of these that has the image.",
    `promotesFrom: [${sources.map(({ name }) => scalar(name)).join(", ")}]`,
    "# Only some repositories, by what stands behind the prefix; * is for any characters. All when absent.",
    "# images: {include: [team/*], exclude: [team/*-test]}",
    "# Fail when an image comes from a registry that nothing here speaks of.",
    "# strict: true",
    "# Where copying differs from what is said for all under copy, below.",
    "# copy: {overwrite: never}",
    "# The role of the Job in this environment's cluster, for the policies of the sources.",
    `# jobRoleArn: arn:aws:iam::${account}:role/image-promoter`,
  ];
}

function routeText({ from, to }: NonNullable<ConfigurationDraft["route"]>): string {
  const sources = from.map((source) => `      - ${scalar(formatRegistryPrefix(source))}\n`).join("");
  return `# Images whose names begin with "to" are copied from the first of "from" that has them; the rest of the name stays.
routes:
  - to: ${scalar(formatRegistryPrefix(to))}
    from:
${sources}`;
}

/** Quoted where YAML would read something else: a number, a list. */
function scalar(text: string): string {
  return stringify(text).trimEnd();
}

function copyText(createRepositories: boolean): string {
  return `copy:
  # Whether a tag that stands for another image may be moved: mutable (where the registry lets it), never.
  overwrite: mutable
  # Signatures, attestations, SBOMs: all, none, or required, which fails where they cannot go along.
  referrers: all
  # Longest time for the whole promotion; the Job's activeDeadlineSeconds should be longer.
  timeout: 10m
${createRepositories ? creationText : noCreationText}`;
}

const creationText = `  # Repositories that are missing are created like this. Sources and what exists already are left alone.
  createRepositories:
    imageTagMutability: IMMUTABLE
    # Tags of signatures have to stay movable.
    exclusionFilters: ["sha256-*"]
    scanOnPush: true
    # encryption: {type: KMS, kmsKey: alias/ecr}
    # tags: {managed-by: image-promoter}
`;

const noCreationText = `  # Whether repositories that are missing are created: true, or the settings to create them with.
  createRepositories: false
`;

const tail = `# Registries that are reached in another way: a role to assume, an address that stands in for the host.
# registries: [{host: registry.example.com, endpoint: "https://proxy.example.com"}]

# Fields of custom resources that hold an image, beside the containers of pods.
# imagePaths: ["Kafka:spec.kafka.image"]
`;
