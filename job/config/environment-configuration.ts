import { type Environment, environmentOf, sourcesOf } from "./environment.ts";
import type { PromoterConfiguration, RegistrySettings } from "./schema.ts";

/** The configuration as it holds in one environment: its routes, roles and options laid over those of all. */
export function configurationFor(configuration: PromoterConfiguration, name: string): PromoterConfiguration {
  const written = configuration.environments?.[name];
  const involved = [environmentOf(configuration, name), ...sourcesOf(configuration, name)];
  return {
    ...configuration,
    routes: [...(configuration.routes ?? []), ...(written?.routes ?? [])],
    registries: involved.reduce(withRole, configuration.registries ?? []),
    copy: { ...configuration.copy, ...written?.copy },
    gates: { ...configuration.gates, ...written?.gates },
    attestation: { ...configuration.attestation, ...written?.attestation },
    notify: written?.notify ?? configuration.notify,
    strict: written?.strict ?? configuration.strict,
  };
}

/** An entry that names the very host goes before the environment's role. */
export function withRole(
  registries: readonly RegistrySettings[],
  { registry, role }: Environment,
): RegistrySettings[] {
  if (role === undefined) return [...registries];
  const known = registries.some(({ host }) => host === registry.host);
  if (!known) return [...registries, { host: registry.host, ...role }];
  return registries.map((entry) =>
    entry.host === registry.host && entry.roleArn === undefined ? { ...entry, ...role } : entry,
  );
}
