import type { Settings } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import { formatPrefix, type RegistryPrefix } from "../promotion/route.ts";
import type { Holder } from "../status/repositories.ts";

/** An environment of which `status` tells. */
export interface StatusEnvironment extends Holder {
  readonly promotesFrom: readonly string[];
}

/**
 * The environments of the configuration; where it describes none, the registries of the routes, each by its own name.
 *
 * @throws {PromoterError} `Usage` when there are neither.
 */
export function statusEnvironments({
  environments,
  routes,
}: Pick<Settings, "environments" | "routes">): readonly StatusEnvironment[] {
  if (environments.length > 0) return environments;
  if (routes.length === 0) {
    throw new PromoterError("Usage", "Nobody said which environments there are", {
      hint: "Describe them in promoter.yaml and give it by --config, or give --from and --to; image-promoter init writes one",
    });
  }
  const named = (registry: RegistryPrefix, promotesFrom: readonly string[]) =>
    [formatPrefix(registry), { name: formatPrefix(registry), registry, promotesFrom }] as const;
  return [
    ...new Map([
      ...routes.flatMap(({ from }) => from.map((registry) => named(registry, []))),
      ...routes.map(({ from, to }) => named(to, from.map(formatPrefix))),
    ]).values(),
  ];
}

/**
 * The environments whose images run in the cluster that a server is in: the one that is known to be its own; where none
 * is described, all that promote.
 */
export function residentEnvironments({
  environment,
  environments,
  routes,
}: Pick<Settings, "environment" | "environments" | "routes">): readonly string[] {
  if (environments.length > 0) return environment === undefined ? [] : [environment.name];
  return [...new Set(routes.map(({ to }) => formatPrefix(to)))];
}
