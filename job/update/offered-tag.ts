import { PromoterError } from "../error.ts";
import type { Digest } from "../oci/digest.ts";
import { isTag, type Reference } from "../oci/reference.ts";
import { repositoryOf } from "../promotion/route.ts";
import { type ImageFacts, runsOn } from "./image-facts.ts";
import type { TagRegistry } from "./tag-registry.ts";

/** A tag that may be updated to. */
export interface OfferedTag {
  /** Where it was found, without tag and digest. */
  readonly repository: Reference;
  readonly tag: string;
  /** What it stands for, where the registry's list tells. */
  readonly digest?: Digest;
  /** Milliseconds since the epoch, where the list tells. */
  readonly pushedAt?: number;
}

/**
 * All tags of some repositories that hold the same image, each once: as with promotion, the first repository that has
 * a tag is meant.
 *
 * @throws {PromoterError} `NameUnknown` when there is none of the repositories.
 */
export async function offeredTags(
  repositories: readonly Reference[],
  registry: TagRegistry,
): Promise<readonly OfferedTag[]> {
  const lists = await Promise.all(repositories.map((repository) => registry.tags(repository)));
  if (lists.every((list) => list === undefined)) throw unknown(repositories);
  const offers = new Map<string, OfferedTag>();
  for (const [position, repository] of repositories.entries()) {
    for (const listed of lists[position] ?? []) {
      if (isTag(listed.tag) && !offers.has(listed.tag)) offers.set(listed.tag, { repository, ...listed });
    }
  }
  return [...offers.values()];
}

/** Whether an image runs on all platforms that are wanted. */
export function runsOnAll({ platforms }: ImageFacts, wanted: readonly string[]): boolean {
  return wanted.every((name) => platforms.some((platform) => runsOn(platform, name)));
}

function unknown(repositories: readonly Reference[]): PromoterError {
  return new PromoterError(
    "NameUnknown",
    `There is no repository ${repositories.map(repositoryOf).join(", nor ")}`,
    {
      hint: "Check the image's name, and that a route leads to where it is built",
    },
  );
}
