import { PromoterError } from "../error.ts";
import type { ListedTag } from "./catalog.ts";
import { type ReplicationRule, tagAdmitted } from "./rule.ts";
import { newestVersionFirst } from "./version.ts";

export interface TagsOfRepository {
  /** With its host, for messages. */
  readonly name: string;
  readonly tags: readonly ListedTag[];
}

/**
 * The tags of a repository that a rule wants, the newest first: by version where the rule has a range, else by the time
 * of push where the registry tells it, else by name. The order of the list makes no difference.
 *
 * @param now milliseconds since the epoch.
 * @throws {PromoterError} `Unsupported` when the rule asks for times of push that the registry does not tell.
 */
export function selectTags(
  rule: ReplicationRule,
  { name, tags }: TagsOfRepository,
  now: number,
): readonly ListedTag[] {
  const { newest, pushedSinceMs, versions } = rule.tags;
  const admitted = tags.filter(({ tag }) => tagAdmitted(rule.tags, tag));
  const timeless = admitted.some(({ pushedAt }) => pushedAt === undefined);
  if (timeless && pushedSinceMs !== undefined) throw untold(rule, name, "pushedSince");
  if (timeless && newest !== undefined && versions === undefined) throw untold(rule, name, "newest");
  const recent = admitted.filter(
    ({ pushedAt = now }) => pushedSinceMs === undefined || now - pushedAt <= pushedSinceMs,
  );
  const order =
    versions === undefined
      ? latestPushFirst
      : (a: ListedTag, b: ListedTag) => newestVersionFirst(a.tag, b.tag);
  return recent.sort(order).slice(0, newest);
}

function latestPushFirst(a: ListedTag, b: ListedTag): number {
  const { pushedAt: one = 0 } = a;
  const { pushedAt: other = 0 } = b;
  return other - one || (a.tag < b.tag ? -1 : Number(a.tag > b.tag));
}

function untold({ name: rule }: ReplicationRule, repository: string, field: string): PromoterError {
  return new PromoterError(
    "Unsupported",
    `Cannot use ${field} of the rule ${rule} for ${repository}: its registry does not tell when images were pushed`,
    {
      hint:
        field === "newest"
          ? "Give the rule a range of versions (tags.semver), by which the newest are found"
          : "Take pushedSince out of the rule, and choose by tags.semver and tags.newest instead",
    },
  );
}
