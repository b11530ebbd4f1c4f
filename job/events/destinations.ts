import type { Reference } from "../oci/reference.ts";
import { type Route, restBelow, routeImage } from "../promotion/route.ts";
import { type ReplicationRule, ruleAdmits } from "../replication/rule.ts";

export interface Ways {
  readonly routes: readonly Route[];
  /** What is replicated; everything that a route leads to where there is no rule. */
  readonly rules: readonly ReplicationRule[];
}

/** Where an image goes when it has been pushed to a registry that images come from. */
export interface Destinations {
  /** Whether any route begins at the registry. */
  readonly routed: boolean;
  /** Each destination once; none where no rule admits the image. */
  readonly destinations: readonly Reference[];
}

/** Follows the routes from a source, which may be one of several, to all of their ends, as far as rules let it. */
export function destinationsOf(source: Reference & { readonly tag: string }, ways: Ways): Destinations {
  const found = new Map<string, Reference>();
  let routed = false;
  for (const { route, routes, rule } of waysOf(ways)) {
    for (const { host, prefix } of route.from) {
      const rest = host === source.host ? restBelow(source.repository, prefix) : undefined;
      if (rest === undefined) continue;
      const { to } = route;
      const repository = to.prefix === "" ? rest : `${to.prefix}/${rest}`;
      const destination: Reference = { host: to.host, repository, tag: source.tag };
      if (!isMeant(source, destination, routes)) continue;
      routed = true;
      if (rule !== undefined && !ruleAdmits(rule, { repository: rest, tag: source.tag })) continue;
      found.set(`${to.host}/${repository}`, destination);
    }
  }
  return { routed, destinations: [...found.values()] };
}

interface Way {
  readonly route: Route;
  /** The routes among which it counts: a longer prefix, or what it leaves out, may say otherwise. */
  readonly routes: readonly Route[];
  readonly rule?: ReplicationRule;
}

function waysOf({ routes, rules }: Ways): readonly Way[] {
  if (rules.length === 0) return routes.map((route) => ({ route, routes }));
  return rules.flatMap((rule) => {
    const own = rule.route === undefined ? routes : [rule.route];
    return own.map((route) => ({ route, routes: own, rule }));
  });
}

function isMeant(source: Reference, destination: Reference, routes: readonly Route[]): boolean {
  const sources = routeImage(destination, routes) ?? [];
  return sources.some(({ host, repository }) => host === source.host && repository === source.repository);
}
