import { matchesWildcard } from "../oci/wildcard.ts";
import type { RegistryPrefix, RepositorySelection } from "../promotion/route.ts";
import type { Catalog } from "../replication/catalog.ts";
import { placeOf } from "./sight.ts";

/** What an environment's registry may hold of ours. */
export interface Holder {
  readonly name: string;
  readonly registry: RegistryPrefix;
  readonly selection?: RepositorySelection;
}

/**
 * The modules that an environment's registry holds, as far as they are its own and promoted by name.
 *
 * @throws {PromoterError} what the registry says, or that it does not list its repositories.
 */
export async function heldModules(
  { name, registry, selection = {} }: Holder,
  all: readonly Holder[],
  catalog: Pick<Catalog, "repositories">,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const repositories = await catalog.repositories(registry.host, { ...(signal && { signal }) });
  return repositories.flatMap((repository) => {
    const place = placeOf({ host: registry.host, repository }, all);
    return place?.home === name && isSelected(place.module, selection) ? [place.module] : [];
  });
}

function isSelected(module: string, { include, exclude = [] }: RepositorySelection): boolean {
  const matches = (pattern: string) => matchesWildcard(pattern, module);
  return (include?.some(matches) ?? true) && !exclude.some(matches);
}
