import type { ListedTag } from "../replication/catalog.ts";
import { isCompanionTag } from "../replication/rule.ts";
import { newestVersionFirst, versionOf } from "../replication/version.ts";

/**
 * The tag that stands for the newest image of a repository: the last pushed where the registry tells when, else the
 * highest semantic version, else the only one. Of several tags of one push, a version is preferred to `latest`.
 *
 * @returns undefined where there is none, or nobody can tell.
 */
export function newestTag(listed: readonly ListedTag[]): ListedTag | undefined {
  const tags = listed.filter(({ tag }) => !isCompanionTag(tag));
  if (tags.length < 2) return tags[0];
  if (tags.every(({ pushedAt }) => pushedAt !== undefined)) return tags.toSorted(lastPushedFirst)[0];
  return tags
    .filter(({ tag }) => versionOf(tag) !== undefined)
    .sort((one, other) => newestVersionFirst(one.tag, other.tag))[0];
}

function lastPushedFirst(one: ListedTag, other: ListedTag): number {
  const later = (other.pushedAt ?? 0) - (one.pushedAt ?? 0);
  return (
    later ||
    newestVersionFirst(one.tag, other.tag) ||
    Number(one.tag === "latest") - Number(other.tag === "latest") ||
    (one.tag < other.tag ? -1 : 1)
  );
}
