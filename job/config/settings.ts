import { PromoterError } from "../error.ts";
import { imagesInArguments } from "../images/arguments.ts";
import { imagesInVariable } from "../images/image-list.ts";
import type { ImagePath } from "../images/image-path.ts";
import type { ImageRequest } from "../images/image-request.ts";
import { parseEndpoint } from "./endpoint.ts";
import { type RepositoryCreation, repositoryCreation } from "./repository-creation.ts";
import { parseRegistryPrefix, type Route } from "./route-flag.ts";
import type { RegistrySettings } from "./schema.ts";
import { type SettingSources, settingOf } from "./setting.ts";
import { settings } from "./setting-table.ts";

/** What a command runs with, after flags, environment, configuration file and defaults were put together. */
export interface Settings {
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
  readonly concurrency: number;
  readonly timeoutMs?: number;
  readonly overwrite: "mutable" | "never";
  readonly referrers: "all" | "none" | "required";
  readonly strict: boolean;
  readonly dryRun: boolean;
  /** How missing repositories are created, or false when they are not. */
  readonly createRepositories: false | RepositoryCreation;
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
 * Puts a command's settings together: a flag goes before an environment variable, that before the configuration file,
 * that before the default. Insecure registries and endpoints add up instead.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`, naming the flag or the variable that is wrong.
 */
export function resolveSettings(input: SettingsInput): Settings {
  const timeoutMs = settingOf(settings.timeout, input);
  return {
    routes: routesOf(input),
    images: imagesOf(input),
    filenames: settingOf(settings.filename, input),
    imagesFiles: settingOf(settings.imagesFile, input),
    imagePaths: settingOf(settings.imagePath, input),
    registries: input.configuration?.registries ?? [],
    insecureRegistries: insecureRegistriesOf(input),
    endpoints: endpointsOf(input),
    concurrency: settingOf(settings.concurrency, input),
    ...(timeoutMs !== undefined && { timeoutMs }),
    overwrite: settingOf(settings.overwrite, input),
    referrers: settingOf(settings.referrers, input),
    strict: settingOf(settings.strict, input),
    dryRun: settingOf(settings.dryRun, input),
    createRepositories: creationOf(input),
    output: settingOf(settings.output, input),
    logLevel: settingOf(settings.logLevel, input),
    logFormat: settingOf(settings.logFormat, input),
  };
}

/** The path of the configuration file, when one is named: it must be read before settings can be resolved. */
export function configurationPath(sources: SettingSources): string | undefined {
  return settingOf(settings.config, sources);
}

function routesOf(input: SettingsInput): readonly Route[] {
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
  return (input.configuration?.routes ?? []).map((route) => ({
    to: parseRegistryPrefix(route.to),
    from: [route.from].flat().map(parseRegistryPrefix),
  }));
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
