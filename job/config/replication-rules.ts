import { PromoterError } from "../error.ts";
import type { Route } from "../promotion/route.ts";
import { linearExpression } from "../replication/linear-expression.ts";
import type { ReplicationRule, TagRule } from "../replication/rule.ts";
import { versionRange } from "../replication/version.ts";
import { parsePeriod } from "./period.ts";
import { parseRegistryPrefix } from "./route-flag.ts";
import type { PromoterConfiguration } from "./schema.ts";
import type { WrittenReplicationRule } from "./sync-schema.ts";

/**
 * The rules of a configuration, in the order in which they are written; none where it has none.
 *
 * @param names the rules that are wanted, all when empty.
 * @throws {PromoterError} `InvalidConfiguration` for a range of versions that is none; `Usage` for a name that no rule has.
 */
export function replicationRules(
  configuration: Pick<PromoterConfiguration, "sync"> | undefined,
  names: readonly string[] = [],
): readonly ReplicationRule[] {
  const written = configuration?.sync?.rules ?? [];
  const known = written.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new PromoterError("Usage", `No rule is called ${JSON.stringify(unknown.slice(0, 100))}`, {
      hint:
        known.length === 0
          ? "Write rules under sync.rules in promoter.yaml"
          : `There are ${known.join(", ")}`,
    });
  }
  return written.filter(({ name }) => names.length === 0 || names.includes(name)).map(readRule);
}

function readRule(written: WrittenReplicationRule): ReplicationRule {
  const { name, repositories = ["*"], exclude = [], limit } = written;
  const route = routeOf(written);
  return {
    name,
    ...(route && { route }),
    repositories,
    exclude,
    tags: readTagRule(written),
    ...(limit !== undefined && { limit }),
  };
}

function routeOf({ from, to }: WrittenReplicationRule): Route | undefined {
  if (from === undefined || to === undefined) return undefined;
  return { to: parseRegistryPrefix(to), from: [from].flat().map(parseRegistryPrefix) };
}

function readTagRule({ name, tags = {} }: WrittenReplicationRule): TagRule {
  const { include, exclude, semver, prerelease = false, regex, newest, pushedSince } = tags;
  return {
    ...(include && { include }),
    ...(exclude && { exclude }),
    ...(semver !== undefined && { versions: rangeOf(name, semver, prerelease) }),
    ...(regex !== undefined && { expression: linearExpression(regex) }),
    ...(newest !== undefined && { newest }),
    ...(pushedSince !== undefined && { pushedSinceMs: parsePeriod(pushedSince) }),
  };
}

function rangeOf(rule: string, text: string, prerelease: boolean) {
  try {
    return versionRange(text, { prerelease });
  } catch (error) {
    if (!(error instanceof PromoterError)) throw error;
    throw new PromoterError(error.code, `sync.rules, ${rule}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    });
  }
}
