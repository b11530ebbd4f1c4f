import { isCompanionTag } from "../replication/rule.ts";
import type { TagMatcher, TagPolicy } from "./application.ts";
import { type VersionConstraint, versionConstraint } from "./version-constraint.ts";

/** Which tags count, and which of two comes first. */
export interface TagOrder {
  admits(tag: string): boolean;
  /** Negative when `a` is the newer of two tags that are admitted; never 0 but for the same tag. */
  newestFirst(a: string, b: string): number;
}

const anyVersion = versionConstraint("*", { prerelease: false, lenient: false });

/**
 * The order in which a strategy sees tags by their names alone. `newest-build` asks registries besides; by name it only
 * decides among images of the same age.
 *
 * @param like a tag whose spelling is preferred where two tags mean the same version: `v1.2.0` or `1.2.0`.
 */
export function tagOrder(policy: TagPolicy, like = ""): TagOrder {
  const { admits, newestFirst } = strategyOrder(policy);
  const unlike = (tag: string) => Number(tag.startsWith("v") !== like.startsWith("v"));
  return {
    admits: (tag) => isCounted(tag, policy) && admits(tag),
    newestFirst: (a, b) =>
      newestFirst(a, b) || unlike(a) - unlike(b) || b.length - a.length || byCharacters(b, a),
  };
}

/** Tags by which signatures and referrers are found are no images to run. */
function isCounted(tag: string, { allow, ignore }: TagPolicy): boolean {
  const fits = (matcher: TagMatcher) => matcher.matches(tag);
  return !isCompanionTag(tag) && (allow === undefined || fits(allow)) && !ignore.some(fits);
}

function strategyOrder({ strategy, versions = anyVersion, tag: followed }: TagPolicy): TagOrder {
  switch (strategy) {
    case "semver":
      return byVersion(versions);
    case "numerical":
      return { admits: (tag) => /\d/.test(tag), newestFirst: (a, b) => byNumbers(b, a) };
    case "alphabetical":
    case "newest-build":
      return { admits: () => true, newestFirst: (a, b) => byCharacters(b, a) };
    case "digest":
      return { admits: (tag) => tag === followed, newestFirst: byCharacters };
  }
}

function byVersion(versions: VersionConstraint): TagOrder {
  return {
    admits: (tag) => versions.versionOf(tag) !== undefined,
    newestFirst(a, b) {
      const [one, other] = [versions.versionOf(a), versions.versionOf(b)];
      if (one === undefined || other === undefined)
        return Number(one === undefined) - Number(other === undefined);
      return other.compare(one);
    },
  };
}

/** Compares the numbers in two tags, the first with the first: `build-9` comes before `build-10`. */
function byNumbers(a: string, b: string): number {
  const [one, other] = [numbersIn(a), numbersIn(b)];
  for (const [position, number] of one.entries()) {
    const against = other[position];
    if (against === undefined) return 1;
    if (number !== against) return number < against ? -1 : 1;
  }
  return one.length - other.length;
}

/** A tag has at most 128 characters, so the numbers are small enough for exact arithmetic. */
function numbersIn(tag: string): readonly bigint[] {
  return (tag.match(/\d+/g) ?? []).map((digits) => BigInt(digits));
}

function byCharacters(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
