import { matchesWildcard } from "../oci/wildcard.ts";
import type { Route } from "../promotion/route.ts";
import type { LinearExpression } from "./linear-expression.ts";
import type { VersionRange } from "./version.ts";

/** Which tags of a repository are meant: those that everything given admits. */
export interface TagRule {
  /** Patterns in which `*` stands for any characters; any of them suffices. Default: all tags. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly versions?: VersionRange;
  readonly expression?: LinearExpression;
  /** So many of the tags that are left: the highest versions where `versions` is given, else the last pushed. */
  readonly newest?: number;
  /** Milliseconds that the push may be ago. */
  readonly pushedSinceMs?: number;
}

/** What is to be replicated without anybody naming each image. */
export interface ReplicationRule {
  readonly name: string;
  /** A way of its own; without it the routes of the configuration or environment count. */
  readonly route?: Route;
  /** Patterns of repository names below the route's prefixes, where they are the same on both sides. */
  readonly repositories: readonly string[];
  readonly exclude: readonly string[];
  readonly tags: TagRule;
  /** The most tags of one repository that one run brings; the others wait for the next. */
  readonly limit?: number;
}

/** One tag of a repository, named below the prefixes of its route. */
export interface TagOfRepository {
  readonly repository: string;
  readonly tag: string;
}

/** Whether a rule is about a repository, named below the prefixes of its route. */
export function ruleCovers(
  rule: Pick<ReplicationRule, "repositories" | "exclude">,
  repository: string,
): boolean {
  const matches = (pattern: string) => matchesWildcard(pattern, repository);
  return rule.repositories.some(matches) && !rule.exclude.some(matches);
}

/**
 * Whether a rule admits an image by its name alone. What hangs on the repository's other images or on time (`newest`,
 * `pushedSinceMs`, `limit`) does not count: an image that is pushed at this moment is the newest. Tags by which
 * signatures and referrers are found are never admitted: they go along with their image.
 */
export function ruleAdmits(rule: ReplicationRule, { repository, tag }: TagOfRepository): boolean {
  return ruleCovers(rule, repository) && tagAdmitted(rule.tags, tag);
}

/** Whether a tag is one that the rule's patterns, expression and range of versions admit. */
export function tagAdmitted({ include, exclude, versions, expression }: TagRule, tag: string): boolean {
  const matches = (pattern: string) => matchesWildcard(pattern, tag);
  return (
    !isCompanionTag(tag) &&
    (include?.some(matches) ?? true) &&
    !(exclude?.some(matches) ?? false) &&
    (expression?.matches(tag) ?? true) &&
    (versions?.admits(tag) ?? true)
  );
}

/**
 * True for the referrers tag of a digest, and cosign's tags beside it: `sha256-<hex>`, `sha256-<hex>.sig`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema}
 */
export function isCompanionTag(tag: string): boolean {
  return /^(?:sha256-[0-9a-f]{64}|sha512-[0-9a-f]{64})/.test(tag);
}
