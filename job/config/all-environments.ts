import type { Route } from "../promotion/route.ts";
import { environmentsOf } from "./environment.ts";
import { withRole } from "./environment-configuration.ts";
import { formatRegistryPrefix } from "./route-flag.ts";
import type { PromoterConfiguration, RegistrySettings } from "./schema.ts";
import type { SettingSources } from "./setting.ts";
import { resolveSettings } from "./settings.ts";

/** The routes of flags or of the file, and those into every environment; one for each destination. */
export function allRoutes(sources: SettingSources): readonly Route[] {
  const { configuration, flags } = sources;
  const environments = configuration === undefined ? [] : environmentsOf(configuration);
  const routes = [
    ...resolveSettings(sources).routes,
    ...environments.flatMap(
      ({ name }) => resolveSettings({ ...sources, flags: { ...flags, environment: name } }).routes,
    ),
  ];
  return [...new Map(routes.toReversed().map((route) => [formatRegistryPrefix(route.to), route])).values()];
}

/** How registries are reached, each environment's by its own role. */
export function allRegistries(configuration: PromoterConfiguration | undefined): readonly RegistrySettings[] {
  if (configuration === undefined) return [];
  return environmentsOf(configuration).reduce(withRole, configuration.registries ?? []);
}
