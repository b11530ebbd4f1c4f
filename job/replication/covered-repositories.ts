import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Reference } from "../oci/reference.ts";
import { type RegistryPrefix, type Route, repositoryOf, routeImage } from "../promotion/route.ts";
import type { Catalog } from "./catalog.ts";
import { type ReplicationRule, ruleCovers } from "./rule.ts";

/** A repository of a destination that rules are about. */
export interface CoveredRepository {
  /** Without tag and digest, as its sources. */
  readonly destination: Reference;
  /** Its name below the prefixes of the route. */
  readonly name: string;
  /** Where its images may come from, in the order to try. */
  readonly sources: readonly Reference[];
  readonly rules: readonly ReplicationRule[];
  /** A later rule brings its images from elsewhere, where nobody looks: what all of them want is not known. */
  readonly hasOtherWays?: true;
}

export interface Covering extends Waiting {
  readonly rules: readonly ReplicationRule[];
  /** For the rules that have no way of their own. */
  readonly routes: readonly Route[];
  readonly catalog: Pick<Catalog, "repositories">;
}

/**
 * The repositories that rules are about, by name. A source's repositories are listed once, and only where a pattern
 * asks for it. Where two rules bring different ways for one repository, the first rule decides.
 *
 * @throws {PromoterError} what a registry says that does not list its repositories; `Usage` for a rule without a route.
 */
export async function coveredRepositories(covering: Covering): Promise<readonly CoveredRepository[]> {
  const { rules, catalog } = covering;
  const lists = new Map<string, Promise<readonly string[]>>();
  const listed = (host: string) => {
    const list = lists.get(host) ?? catalog.repositories(host, covering);
    lists.set(host, list);
    return list;
  };
  const found = new Map<string, CoveredRepository>();
  for (const rule of rules) {
    for (const repository of await coveredBy(rule, covering, listed)) {
      const key = repositoryOf(repository.destination);
      const known = found.get(key);
      found.set(key, known === undefined ? repository : withRule(known, rule, repository.sources));
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, repository]) => repository);
}

function withRule(
  known: CoveredRepository,
  rule: ReplicationRule,
  sources: CoveredRepository["sources"],
): CoveredRepository {
  const names = (references: CoveredRepository["sources"]) => references.map(repositoryOf).join(" ");
  const isOther = names(sources) !== names(known.sources);
  return { ...known, rules: [...known.rules, rule], ...(isOther && { hasOtherWays: true }) };
}

async function coveredBy(
  rule: ReplicationRule,
  { routes }: Covering,
  listed: (host: string) => Promise<readonly string[]>,
): Promise<readonly CoveredRepository[]> {
  const ways = rule.route === undefined ? routes : [rule.route];
  if (ways.length === 0) {
    throw new PromoterError("Usage", `Nobody said where the images of the rule ${rule.name} come from`, {
      hint: "Give the rule from and to, or give --from and --to, --environment, or routes in the configuration",
    });
  }
  const found = new Map<string, CoveredRepository>();
  for (const way of ways) {
    const names = await Promise.all(way.from.map((source) => namesBelow(source, way, rule, listed)));
    for (const name of names.flat()) {
      const destination = below(way.to, name);
      // The longest prefix decides about a repository, and what the route leaves out stays out.
      const sources = routeImage(destination, ways);
      const isOurs = sources?.some(({ host, repository }) =>
        way.from.some((source) => source.host === host && below(source, name).repository === repository),
      );
      if (sources === undefined || isOurs !== true) continue;
      found.set(repositoryOf(destination), { destination, name, sources, rules: [rule] });
    }
  }
  return [...found.values()];
}

async function namesBelow(
  source: RegistryPrefix,
  { to }: Route,
  rule: ReplicationRule,
  listed: (host: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const named = rule.repositories.filter((pattern) => !pattern.includes("*"));
  const isListed = named.length < rule.repositories.length;
  const all = isListed ? await listed(source.host) : [];
  // What was brought into another part of the same registry is no source for itself.
  const isDestination = (repository: string) =>
    to.host === source.host && to.prefix !== "" && repository.startsWith(`${to.prefix}/`);
  const names = all
    .filter((repository) => !isDestination(repository))
    .flatMap((repository) => {
      if (source.prefix === "") return [repository];
      const start = `${source.prefix}/`;
      return repository.startsWith(start) ? [repository.slice(start.length)] : [];
    });
  return [...names, ...named].filter((name) => ruleCovers(rule, name));
}

function below({ host, prefix }: RegistryPrefix, name: string): Reference {
  return { host, repository: prefix === "" ? name : `${prefix}/${name}` };
}
