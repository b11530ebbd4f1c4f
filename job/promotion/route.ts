import { PromoterError } from "../error.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import { matchesWildcard } from "../oci/wildcard.ts";

/** A registry, or the part of it whose repositories begin with a prefix. */
export interface RegistryPrefix {
  readonly host: string;
  /** Leading path components of repository names, without slashes at the ends; empty for the whole registry. */
  readonly prefix: string;
}

/** Some of the repositories below a prefix, by patterns in which `*` stands for any characters, `/` among them. */
export interface RepositorySelection {
  /** All when absent. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Images of `to` come from `from`: the first of them that has the image. */
export interface Route {
  readonly to: RegistryPrefix;
  readonly from: readonly RegistryPrefix[];
  /** Which repositories below `to` it is for; all when absent. */
  readonly selection?: RepositorySelection;
}

/**
 * The references under which an image may be found, in the order to try, or undefined when no route leads to its
 * destination. Among several routes the longest prefix decides, also when that route's selection leaves the image out.
 */
export function routeImage(
  destination: Reference,
  routes: readonly Route[],
): readonly Reference[] | undefined {
  const way = routeTo(destination, routes);
  if (way === undefined || isExcluded(way) || !isIncluded(way)) return undefined;
  return way.route.from.map(({ host, prefix }) => ({
    ...destination,
    host,
    repository: prefix === "" ? way.rest : `${prefix}/${way.rest}`,
  }));
}

/** True when a route leads to an image's destination and leaves the image out by name: somebody else brings it. */
export function isLeftOut(destination: Reference, routes: readonly Route[]): boolean {
  const way = routeTo(destination, routes);
  return way !== undefined && isExcluded(way);
}

interface Way {
  readonly route: Route;
  /** The repository's name below the route's prefix. */
  readonly rest: string;
}

function routeTo({ host, repository }: Reference, routes: readonly Route[]): Way | undefined {
  return routes
    .flatMap((route) => {
      const rest = route.to.host === host ? restBelow(repository, route.to.prefix) : undefined;
      return rest === undefined ? [] : [{ route, rest }];
    })
    .sort((a, b) => b.route.to.prefix.length - a.route.to.prefix.length)
    .at(0);
}

function isIncluded({ route, rest }: Way): boolean {
  return route.selection?.include?.some((pattern) => matchesWildcard(pattern, rest)) ?? true;
}

function isExcluded({ route, rest }: Way): boolean {
  return route.selection?.exclude?.some((pattern) => matchesWildcard(pattern, rest)) ?? false;
}

/**
 * Where an image would go that is named by its source: manifests have to name the destination. Undefined when it is not
 * a source's name.
 */
export function destinationOf(source: Reference, routes: readonly Route[]): Reference | undefined {
  for (const { to, from } of routes) {
    for (const { host, prefix } of from) {
      const rest = host === source.host ? restBelow(source.repository, prefix) : undefined;
      if (rest === undefined) continue;
      return { ...source, host: to.host, repository: to.prefix === "" ? rest : `${to.prefix}/${rest}` };
    }
  }
  return undefined;
}

/**
 * Refuses routes that cannot be meant.
 *
 * @throws {PromoterError} `InvalidConfiguration` when a route leads to where it comes from, or two routes have the
 * same destination.
 */
export function checkRoutes(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const { to, from } of routes) {
    const name = formatPrefix(to);
    if (from.some((source) => formatPrefix(source) === name)) {
      throw new PromoterError("InvalidConfiguration", `Cannot promote from ${name} to itself`, {
        hint: "Give --from the registry that images are built in, and --to the registry of this environment",
      });
    }
    if (seen.has(name)) {
      throw new PromoterError("InvalidConfiguration", `Two routes lead to ${name}`, {
        hint: "Keep one route for each destination; list several sources in its `from`, in the order to try",
      });
    }
    seen.add(name);
  }
}

export function formatPrefix({ host, prefix }: RegistryPrefix): string {
  return prefix === "" ? host : `${host}/${prefix}`;
}

/** A reference without tag and digest, for messages and for keys. */
export function repositoryOf(reference: Reference): string {
  return formatReference({ host: reference.host, repository: reference.repository });
}

/** What is left of a repository's name below a prefix; undefined when it does not begin so. */
export function restBelow(repository: string, prefix: string): string | undefined {
  if (prefix === "") return repository;
  return repository.startsWith(`${prefix}/`) ? repository.slice(prefix.length + 1) : undefined;
}
