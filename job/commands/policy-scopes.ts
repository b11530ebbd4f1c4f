import type { Settings } from "../config/settings.ts";
import { parseRepositoryPattern, type RepositoryScope } from "../ecr/policy/registry-place.ts";
import { PromoterError } from "../error.ts";
import type { RegistryPrefix } from "../promotion/route.ts";
import type { DestinationScope, SourceScope } from "../render/policy-scope.ts";
import { type PromotionLink, privateEcrHost, promotionLinks, roleOf } from "./promotion-links.ts";

/** Both sides of all promotions, as far as they are in ECR. */
export interface PolicyScopes {
  readonly sources: readonly SourceScope[];
  readonly destinations: readonly DestinationScope[];
}

/**
 * The registries that routes and environments connect, each once, with the repositories that are promoted.
 *
 * @param patterns repositories by the part of their names that is the same on both sides; none for what the routes
 * select, or all.
 * @throws {PromoterError} `Usage` when no way leads into a private registry of ECR, or a pattern is none.
 */
export function policyScopes(settings: Settings, patterns: readonly string[]): PolicyScopes {
  const links = promotionLinks(settings);
  const named = patterns.map(parseRepositoryPattern);
  const sources = scopesOf(links, ({ from }) => from, named).map(({ host, scope }) => {
    const role = roleOf(host, settings);
    return { ...scope, ...(role && { role }) };
  });
  const destinations = scopesOf(links, ({ to }) => to, named).map(({ host, scope }) => {
    const ways = links.filter(({ to }) => to.host === host);
    const arn = ways.find(({ jobRoleArn }) => jobRoleArn !== undefined)?.jobRoleArn;
    const roleName = arn?.replace(/^.*?:role\//, "");
    const from = scopesOf(ways, ({ from }) => from, named).map((source) => source.scope);
    return { ...scope, sources: from, ...(roleName !== undefined && { roleName }) };
  });
  if (destinations.length > 0) return { sources, destinations };
  throw new PromoterError("Usage", "No route leads into a private registry of ECR", {
    hint: "Give --from and --to, or routes or environments in a --config file",
  });
}

function scopesOf(
  links: readonly PromotionLink[],
  end: (link: PromotionLink) => RegistryPrefix,
  named: readonly string[],
): { readonly host: string; readonly scope: RepositoryScope }[] {
  const byHost = Map.groupBy(links, (link) => end(link).host);
  return [...byHost].flatMap(([host, ways]) => {
    const ecr = privateEcrHost({ host });
    if (ecr === undefined) return [];
    const { partition, region, accountId } = ecr;
    const repositories = new Set(ways.flatMap((link) => repositoriesOf(end(link), link, named)));
    return [{ host, scope: { partition, region, accountId, repositories: [...repositories] } }];
  });
}

function repositoriesOf(
  { prefix }: RegistryPrefix,
  { selection }: PromotionLink,
  named: readonly string[],
): readonly string[] {
  const patterns = named.length > 0 ? named : (selection?.include ?? ["*"]);
  return patterns.map((pattern) => (prefix === "" ? pattern : `${prefix}/${pattern}`));
}
