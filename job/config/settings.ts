import { PromoterError } from "../error.ts";
import { imagesInArguments } from "../images/arguments.ts";
import { imagesInVariable } from "../images/image-list.ts";
import type { ImagePath } from "../images/image-path.ts";
import type { ImageRequest } from "../images/image-request.ts";
import type { Route } from "../promotion/route.ts";
import { parseEndpoint } from "./endpoint.ts";
import { type Environment, environmentOf, environmentsOf, routeOf } from "./environment.ts";
import { configurationFor } from "./environment-configuration.ts";
import { type AttestationSettings, attestationOf, type GateSettings, gatesOf } from "./gate-settings.ts";
import { type NotificationTarget, notifyOf } from "./notify-settings.ts";
import { type RepositoryCreation, repositoryCreation } from "./repository-creation.ts";
import { formatRegistryPrefix, parseRegistryPrefix } from "./route-flag.ts";
import type { RegistrySettings } from "./schema.ts";
import { type SettingSources, settingOf } from "./setting.ts";
import { settings } from "./setting-table.ts";
import { type ShardingSettings, shardingOf } from "./sharding.ts";

/** What a command runs with, after flags, environment, configuration file and defaults were put together. */
export interface Settings extends ShardingSettings {
  /** The environment that is promoted into: the one that was named, or the only one that promotes from others. */
  readonly environment?: Environment;
  /** All environments of the configuration file. */
  readonly environments: readonly Environment[];
  readonly routes: readonly Route[];
  /** Images named one by one: those of the command line, else of PROMOTER_IMAGES, else of the configuration file. */
  readonly images: readonly ImageRequest[];
  /** Kubernetes manifests to read beside them; `-` is standard input. */
  readonly filenames: readonly string[];
  /** Lists of images to read beside them; `-` is standard input. */
  readonly imagesFiles: readonly string[];
  readonly imagePaths: readonly ImagePath[];
  /** Roles and addresses of registries; `entryFor(host, registries)` finds the one for a host. */
  readonly registries: readonly RegistrySettings[];
  /** Hosts that are spoken to in plain HTTP, of all places where they can be named. */
  readonly insecureRegistries: readonly string[];
  /** Where the requests for a host go instead, of all places where it can be said; flags win. */
  readonly endpoints: ReadonlyMap<string, URL>;
  /** Hosts, or `*.suffix`, that any ECR registry may lead to for blobs; a registry's own stand with it. */
  readonly blobHosts: readonly string[];
  readonly concurrency: number;
  readonly timeoutMs?: number;
  readonly overwrite: "mutable" | "never";
  readonly referrers: "all" | "none" | "required";
  readonly strict: boolean;
  readonly dryRun: boolean;
  /** How missing repositories are created, or false when they are not. */
  readonly createRepositories: false | RepositoryCreation;
  /** What must hold before an image is promoted. */
  readonly gates: GateSettings;
  /** How promotions are attested, where they are. */
  readonly attestation?: AttestationSettings;
  /** Who is told of a promotion. */
  readonly notify: readonly NotificationTarget[];
  readonly output: "text" | "json" | "yaml" | "markdown";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** `auto`: text on a terminal, JSON lines elsewhere. */
  readonly logFormat: "auto" | "text" | "json";
}

export interface SettingsInput extends SettingSources {
  /** The images of the command line. */
  readonly arguments?: readonly string[];
}

/**
 * Puts a command's settings together: a flag goes before an environment variable, that before the configuration file
 * (there the chosen environment's fields before those of all), that before the default. Insecure registries and
 * endpoints add up instead.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`, naming the flag or the variable that is wrong.
 */
export function resolveSettings(written: SettingsInput): Settings {
  const environment = environmentFor(written);
  const input = environment === undefined ? written : settledIn(environment, written);
  const timeoutMs = settingOf(settings.timeout, input);
  const attestation = attestationOf(input);
  return {
    ...(environment !== undefined && { environment }),
    environments: input.configuration === undefined ? [] : environmentsOf(input.configuration),
    routes: routesOf(input, environment),
    images: imagesOf(input),
    filenames: settingOf(settings.filename, input),
    imagesFiles: settingOf(settings.imagesFile, input),
    imagePaths: settingOf(settings.imagePath, input),
    registries: input.configuration?.registries ?? [],
    insecureRegistries: insecureRegistriesOf(input),
    endpoints: endpointsOf(input),
    blobHosts: settingOf(settings.blobHost, input),
    concurrency: settingOf(settings.concurrency, input),
    ...(timeoutMs !== undefined && { timeoutMs }),
    overwrite: settingOf(settings.overwrite, input),
    referrers: settingOf(settings.referrers, input),
    strict: settingOf(settings.strict, input),
    dryRun: settingOf(settings.dryRun, input),
    createRepositories: creationOf(input),
    gates: gatesOf(input),
    ...(attestation !== undefined && { attestation }),
    ...shardingOf(input),
    notify: notifyOf(input),
    output: settingOf(settings.output, input),
    logLevel: settingOf(settings.logLevel, input),
    logFormat: settingOf(settings.logFormat, input),
  };
}

/** The path of the configuration file, when one is named: it must be read before settings can be resolved. */
export function configurationPath(sources: SettingSources): string | undefined {
  return settingOf(settings.config, sources);
}

function environmentFor(input: SettingsInput): Environment | undefined {
  const name = settingOf(settings.environment, input);
  const { configuration } = input;
  if (name !== undefined && configuration === undefined) {
    throw new PromoterError("Usage", `No configuration says what the environment ${name} is`, {
      hint: "Give --config promoter.yaml, or set PROMOTER_CONFIG",
    });
  }
  if (configuration === undefined) return undefined;
  if (name !== undefined) return environmentOf(configuration, name);
  const [only, another] = environmentsOf(configuration).filter(({ promotesFrom }) => promotesFrom.length > 0);
  return another === undefined ? only : undefined;
}

function settledIn({ name }: Environment, input: SettingsInput): SettingsInput {
  const { configuration } = input;
  return configuration === undefined
    ? input
    : { ...input, configuration: configurationFor(configuration, name) };
}

function routesOf(input: SettingsInput, environment: Environment | undefined): readonly Route[] {
  const from = settingOf(settings.from, input);
  const to = settingOf(settings.to, input);
  if (from !== undefined && to !== undefined) return [{ to, from }];
  if (from !== undefined || to !== undefined) {
    const [given, absent] = from === undefined ? ["--to", "--from"] : ["--from", "--to"];
    const variable = from === undefined ? settings.from.variable : settings.to.variable;
    throw new PromoterError("Usage", `A route needs both ends: ${given} is given, ${absent} is not`, {
      hint: `Add ${absent} or set ${variable}`,
    });
  }
  const { configuration } = input;
  if (configuration === undefined) return [];
  const written = (configuration.routes ?? []).map((route) => ({
    to: parseRegistryPrefix(route.to),
    from: [route.from].flat().map(parseRegistryPrefix),
  }));
  const derived = environment && routeOf(configuration, environment.name);
  const isWritten = written.some(
    ({ to }) => derived && formatRegistryPrefix(to) === formatRegistryPrefix(derived.to),
  );
  return derived === undefined || isWritten ? written : [...written, derived];
}

function imagesOf({ arguments: named = [], env, configuration }: SettingsInput): readonly ImageRequest[] {
  if (named.length > 0) return imagesInArguments(named);
  const variable = "PROMOTER_IMAGES";
  const listed = env[variable] ?? "";
  if (listed.trim() !== "") return imagesInVariable(listed, variable);
  return configuration?.images ?? [];
}

function insecureRegistriesOf(input: SettingsInput): readonly string[] {
  const { flags, env, configuration } = input;
  const hosts = [
    ...settingOf(settings.insecureRegistry, { flags, env: {} }),
    ...settingOf(settings.insecureRegistry, { flags: {}, env }),
    ...(configuration?.registries ?? []).filter((entry) => entry.insecure).map((entry) => entry.host),
  ];
  return [...new Set(hosts)];
}

function endpointsOf({ flags, env, configuration }: SettingsInput): ReadonlyMap<string, URL> {
  const written = (configuration?.registries ?? []).flatMap(({ host, endpoint }) =>
    endpoint === undefined ? [] : [[host, parseEndpoint(endpoint)] as const],
  );
  // The last of a host wins.
  return new Map([
    ...written,
    ...settingOf(settings.registryEndpoint, { flags: {}, env }),
    ...settingOf(settings.registryEndpoint, { flags, env: {} }),
  ]);
}

function creationOf(input: SettingsInput): false | RepositoryCreation {
  if (settingOf(settings.createRepositories, input) !== true) return false;
  const written = input.configuration?.copy?.createRepositories;
  return typeof written === "object" ? repositoryCreation(written) : {};
}
