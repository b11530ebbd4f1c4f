import { parseImagePath } from "../images/image-path.ts";
import { parseDuration } from "./duration.ts";
import { parseHostEndpoint } from "./endpoint.ts";
import { parseHost } from "./host-pattern.ts";
import { parseRegistryPrefix, parseRegistryPrefixes } from "./route-flag.ts";
import type { DefaultedSetting, Setting } from "./setting.ts";
import { asText, listOf, oneOf, parseBoolean, parseConcurrency } from "./setting-values.ts";

function setting<T>(declaration: Setting<T>): Setting<T> {
  return declaration;
}

function defaulted<T>(declaration: DefaultedSetting<T>): DefaultedSetting<T> {
  return declaration;
}

/** Every setting that has a flag and an environment variable. */
export const settings = {
  config: setting({
    flag: "--config <file>",
    variable: "PROMOTER_CONFIG",
    description: "configuration file, for more than flags can say",
    parse: asText,
  }),
  environment: setting({
    flag: "--environment <name>",
    variable: "PROMOTER_ENVIRONMENT",
    description: "environment of the configuration file to promote into; not needed where only one promotes",
    parse: asText,
  }),
  filename: defaulted({
    flag: "-f, --filename <file...>",
    variable: "PROMOTER_FILENAME",
    description: "Kubernetes manifests whose images to promote; - is standard input",
    parse: listOf(asText),
    default: [],
  }),
  imagesFile: defaulted({
    flag: "--images-file <file...>",
    variable: "PROMOTER_IMAGES_FILE",
    description: "list of images, one per line; - is standard input",
    parse: listOf(asText),
    default: [],
  }),
  imagePath: defaulted({
    flag: "--image-path <path...>",
    variable: "PROMOTER_IMAGE_PATH",
    description: "field of manifests that holds an image beside those of pods: Kafka:spec.kafka.image",
    path: "imagePaths",
    fromFile: (file) => file.imagePaths?.map(parseImagePath),
    parse: listOf(parseImagePath),
    default: [],
  }),
  from: setting({
    flag: "--from <host[/prefix],...>",
    variable: "PROMOTER_FROM",
    description: "registry to copy from; of several, the first that has the image",
    path: "routes[].from",
    parse: parseRegistryPrefixes,
  }),
  to: setting({
    flag: "--to <host[/prefix]>",
    variable: "PROMOTER_TO",
    description: "registry to copy to: the one that the manifests name",
    path: "routes[].to",
    parse: parseRegistryPrefix,
  }),
  dryRun: defaulted({
    flag: "--dry-run",
    variable: "PROMOTER_DRY_RUN",
    description: "say what would be done, and do nothing",
    parse: parseBoolean,
    default: false,
  }),
  overwrite: defaulted({
    flag: "--overwrite <mutable|never>",
    variable: "PROMOTER_OVERWRITE",
    description: "whether a tag that stands for another image may be moved",
    path: "copy.overwrite",
    fromFile: (file) => file.copy?.overwrite,
    parse: oneOf("mutable", "never"),
    default: "mutable",
  }),
  strict: defaulted({
    flag: "--strict",
    variable: "PROMOTER_STRICT",
    description: "fail when no route leads to an image",
    path: "strict",
    fromFile: (file) => file.strict,
    parse: parseBoolean,
    default: false,
  }),
  referrers: defaulted({
    flag: "--referrers <all|none|required>",
    variable: "PROMOTER_REFERRERS",
    description: "whether signatures and attestations go along; required: fail where they cannot",
    path: "copy.referrers",
    fromFile: (file) => file.copy?.referrers,
    parse: oneOf("all", "none", "required"),
    default: "all",
  }),
  concurrency: defaulted({
    flag: "--concurrency <n>",
    variable: "PROMOTER_CONCURRENCY",
    description: "how many transfers run at a time",
    path: "copy.concurrency",
    fromFile: (file) => file.copy?.concurrency,
    parse: parseConcurrency,
    default: 16,
  }),
  timeout: setting({
    flag: "--timeout <duration>",
    variable: "PROMOTER_TIMEOUT",
    description: "longest time for the whole promotion: 30m, 1h30m",
    path: "copy.timeout",
    fromFile: (file) => (file.copy?.timeout === undefined ? undefined : parseDuration(file.copy.timeout)),
    parse: parseDuration,
  }),
  createRepositories: defaulted({
    flag: "--create-repositories",
    variable: "PROMOTER_CREATE_REPOSITORIES",
    description: "create repositories that are missing at the destination",
    path: "copy.createRepositories",
    fromFile: (file) => file.copy?.createRepositories !== undefined && file.copy.createRepositories !== false,
    parse: parseBoolean,
    default: false,
  }),
  insecureRegistry: defaulted({
    flag: "--insecure-registry <host...>",
    variable: "PROMOTER_INSECURE_REGISTRY",
    description: "registry that speaks plain HTTP; loopback hosts always do",
    path: "registries[].insecure",
    parse: listOf(parseHost),
    default: [],
  }),
  registryEndpoint: defaulted({
    flag: "--registry-endpoint <host=url...>",
    variable: "PROMOTER_REGISTRY_ENDPOINT",
    description: "address that stands in for a registry's host",
    path: "registries[].endpoint",
    parse: listOf(parseHostEndpoint),
    default: [],
  }),
  output: defaulted({
    flag: "-o, --output <text|json|yaml|markdown>",
    variable: "PROMOTER_OUTPUT",
    description: "format of the result",
    parse: oneOf("text", "json", "yaml", "markdown"),
    default: "text",
  }),
  logLevel: defaulted({
    flag: "--log-level <debug|info|warn|error>",
    variable: "PROMOTER_LOG_LEVEL",
    description: "least important messages to log",
    parse: oneOf("debug", "info", "warn", "error"),
    default: "info",
  }),
  logFormat: defaulted({
    flag: "--log-format <auto|text|json>",
    variable: "PROMOTER_LOG_FORMAT",
    description: "format of log lines; auto: text on a terminal, JSON elsewhere",
    parse: oneOf("auto", "text", "json"),
    default: "auto",
  }),
} as const;
