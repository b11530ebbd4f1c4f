import { formatDuration } from "../config/duration.ts";
import type { RepositoryCreation } from "../config/repository-creation.ts";
import { formatRegistryPrefix } from "../config/route-flag.ts";
import type { RegistrySettings } from "../config/schema.ts";
import type { Settings } from "../config/settings.ts";
import type { Fields } from "./fields.ts";

/** The chart's values by which a Job promotes as a command with these settings would, but for images. */
export function valuesOfSettings(settings: Settings): Fields {
  const { overwrite, referrers, concurrency, timeoutMs, createRepositories, strict } = settings;
  const registries = registriesOf(settings);
  return {
    ...routeValues(settings.routes),
    ...(registries.length > 0 && { registries }),
    copy: {
      overwrite,
      referrers,
      concurrency,
      ...(timeoutMs !== undefined && { timeout: formatDuration(timeoutMs) }),
      createRepositories: createRepositories !== false,
      ...(createRepositories !== false && { repositorySettings: writtenCreation(createRepositories) }),
    },
    strict,
    ...gateValuesOf(settings),
    ...notifyValuesOf(settings),
  };
}

/** Nothing where no gate is on: what values say then holds. */
function gateValuesOf({ gates: { signature, scan }, attestation }: Settings): Fields {
  const gates = {
    ...(signature && { signature }),
    ...(scan && {
      scan: { highest: scan.highest, ignore: scan.ignore, wait: formatDuration(scan.waitMs) },
    }),
  };
  return {
    ...(Object.keys(gates).length > 0 && { gates }),
    ...(attestation && { attestation: { enabled: true, ...attestation } }),
  };
}

/** Those of the configuration file alone: what a variable says may be a secret. */
function notifyValuesOf({ notify }: Settings): Fields {
  const targets = notify
    .filter(({ isWritten }) => isWritten)
    .map(({ url, format, when, headers }) => ({
      url,
      format,
      when,
      ...(Object.keys(headers).length > 0 && { headers }),
    }));
  return targets.length === 0 ? {} : { notify: { targets } };
}

/** One route fits into two variables; more of them need a file. */
function routeValues(routes: Settings["routes"]): Fields {
  const [route, another] = routes;
  if (route === undefined) return {};
  if (another === undefined) {
    return {
      source: { registry: route.from.map(formatRegistryPrefix).join(",") },
      destination: { registry: formatRegistryPrefix(route.to) },
    };
  }
  return {
    routes: routes.map(({ to, from }) => ({
      to: formatRegistryPrefix(to),
      from: from.map(formatRegistryPrefix),
    })),
  };
}

/** How registries are reached, with what flags and variables say of them. */
function registriesOf({ registries, insecureRegistries, endpoints }: Settings): readonly RegistrySettings[] {
  const hosts = new Set([...registries.map(({ host }) => host), ...insecureRegistries, ...endpoints.keys()]);
  return [...hosts].map((host) => {
    const endpoint = endpoints.get(host);
    return {
      ...registries.find((entry) => entry.host === host),
      host,
      ...(insecureRegistries.includes(host) && { insecure: true }),
      ...(endpoint !== undefined && { endpoint: String(endpoint) }),
    };
  });
}

/** The settings as people write them: policies as documents, and exclusions without saying so in the mode. */
function writtenCreation(creation: RepositoryCreation): Fields {
  const { mutability, encryption, lifecyclePolicy, repositoryPolicy, ...rest } = creation;
  return {
    ...rest,
    ...(mutability !== undefined && {
      imageTagMutability: mutability.mode,
      ...(mutability.exclusions.length > 0 && { exclusionFilters: mutability.exclusions }),
    }),
    ...(encryption !== undefined && { encryption }),
    ...(lifecyclePolicy !== undefined && { lifecyclePolicy: JSON.parse(lifecyclePolicy) }),
    ...(repositoryPolicy !== undefined && { repositoryPolicy: JSON.parse(repositoryPolicy) }),
  };
}
