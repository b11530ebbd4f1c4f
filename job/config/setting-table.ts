import { parseImagePath } from "../images/image-path.ts";
import { parseDuration } from "./duration.ts";
import { parseHostEndpoint } from "./endpoint.ts";
import { gateSettings } from "./gate-setting-table.ts";
import { parseHost, parseHostPattern } from "./host-pattern.ts";
import { notifySettings } from "./notify-setting-table.ts";
import { parseRegistryPrefix, parseRegistryPrefixes } from "./route-flag.ts";
import { choice, defaulted, list, setting } from "./setting-forms.ts";
import { asText, parseBoolean, parseConcurrency } from "./setting-values.ts";
import { shardingSettings } from "./sharding-setting-table.ts";

/** Every setting that has a flag and an environment variable: what the command line declares, and help says. */
export const settings = {
  config: setting({
    flag: "--config <file>",
    variable: "PROMOTER_CONFIG",
    description: "promoter.yaml, for more than flags can say",
    parse: asText,
  }),
  environment: setting({
    flag: "--environment <name>",
    variable: "PROMOTER_ENVIRONMENT",
    description: "environment of promoter.yaml to promote into, where several promote",
    parse: asText,
  }),
  filename: list({
    flag: "-f, --filename <file>",
    variable: "PROMOTER_FILENAME",
    description: "images of Kubernetes manifests; - is standard input",
    parse: asText,
  }),
  imagesFile: list({
    flag: "--images-file <file>",
    variable: "PROMOTER_IMAGES_FILE",
    description: "one image per line; - is standard input",
    parse: asText,
  }),
  imagePath: list({
    flag: "--image-path <path>",
    variable: "PROMOTER_IMAGE_PATH",
    description: "one more place of images in custom resources: [Kind:]spec.image",
    path: "imagePaths",
    fromFile: (file) => file.imagePaths?.map(parseImagePath),
    parse: parseImagePath,
  }),
  from: setting({
    flag: "--from <registry>",
    variable: "PROMOTER_FROM",
    description: "where images come from: HOST[/PREFIX][,…], tried in this order",
    path: "routes[].from",
    parse: parseRegistryPrefixes,
  }),
  to: setting({
    flag: "--to <registry>",
    variable: "PROMOTER_TO",
    description: "where they go to, as the manifests say: HOST[/PREFIX]",
    path: "routes[].to",
    parse: parseRegistryPrefix,
  }),
  dryRun: defaulted({
    flag: "--dry-run",
    variable: "PROMOTER_DRY_RUN",
    description: "say what would be done",
    parse: parseBoolean,
    default: false,
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
  overwrite: choice({
    flag: "--overwrite <policy>",
    variable: "PROMOTER_OVERWRITE",
    description: "whether a tag that stands for another image may be moved",
    path: "copy.overwrite",
    fromFile: (file) => file.copy?.overwrite,
    choices: ["mutable", "never"],
    default: "mutable",
  }),
  referrers: choice({
    flag: "--referrers <policy>",
    variable: "PROMOTER_REFERRERS",
    description: "whether signatures and attestations go along; required: fail where they cannot",
    path: "copy.referrers",
    fromFile: (file) => file.copy?.referrers,
    choices: ["all", "none", "required"],
    default: "all",
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
  concurrency: defaulted({
    flag: "--concurrency <number>",
    variable: "PROMOTER_CONCURRENCY",
    description: "requests and transfers at the same time",
    path: "copy.concurrency",
    fromFile: (file) => file.copy?.concurrency,
    parse: parseConcurrency,
    default: 16,
  }),
  timeout: setting({
    flag: "--timeout <duration>",
    variable: "PROMOTER_TIMEOUT",
    description: "give up after this time: 90s, 10m",
    path: "copy.timeout",
    fromFile: (file) => (file.copy?.timeout === undefined ? undefined : parseDuration(file.copy.timeout)),
    parse: parseDuration,
  }),
  insecureRegistry: list({
    flag: "--insecure-registry <host>",
    variable: "PROMOTER_INSECURE_REGISTRY",
    description: "speak plain HTTP to this registry; loopback hosts always do",
    path: "registries[].insecure",
    parse: parseHost,
  }),
  blobHost: list({
    flag: "--blob-host <host>",
    variable: "PROMOTER_BLOB_HOST",
    description: "let ECR lead here for blobs, beside AWS's own hosts; *.SUFFIX for all below it",
    path: "registries[].blobHosts",
    parse: parseHostPattern,
  }),
  registryEndpoint: list({
    flag: "--registry-endpoint <host=url>",
    variable: "PROMOTER_REGISTRY_ENDPOINT",
    description: "connect elsewhere for this registry: a VPC endpoint, an emulator",
    path: "registries[].endpoint",
    parse: parseHostEndpoint,
  }),
  ...gateSettings,
  ...notifySettings,
  ...shardingSettings,
  output: choice({
    flag: "-o, --output <format>",
    variable: "PROMOTER_OUTPUT",
    description: "format of the result",
    choices: ["text", "json", "yaml", "markdown"],
    default: "text",
  }),
  logLevel: choice({
    flag: "--log-level <level>",
    variable: "PROMOTER_LOG_LEVEL",
    description: "least severe message on standard error",
    choices: ["debug", "info", "warn", "error"],
    default: "info",
  }),
  logFormat: choice({
    flag: "--log-format <format>",
    variable: "PROMOTER_LOG_FORMAT",
    description: "format of log lines; auto: text on a terminal, JSON elsewhere",
    choices: ["auto", "text", "json"],
    default: "auto",
  }),
} as const;
