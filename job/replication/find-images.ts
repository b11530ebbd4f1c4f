import { mapConcurrent } from "../async/map-concurrent.ts";
import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";
import type { Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import type { WantedImage } from "../promotion/image.ts";
import { repositoryOf } from "../promotion/route.ts";
import type { Catalog, ListedTag } from "./catalog.ts";
import { type CoveredRepository, coveredRepositories } from "./covered-repositories.ts";
import type { ReplicationRule } from "./rule.ts";
import { selectTags } from "./select-tags.ts";
import { mayHold, type Shard } from "./shard.ts";

/** An image that a rule wants. */
export interface RuledImage {
  readonly wanted: WantedImage;
  /** The first rule that wants it. */
  readonly rule: ReplicationRule;
  /** `same`: the destination lists the source's digest under the tag. `listed`: it lists the tag, at whatever digest. */
  readonly standing: "same" | "listed" | "missing";
  /** The source's, where its list tells. */
  readonly digest?: Digest;
}

/** A repository, and what rules want of it. */
export interface RuledRepository extends CoveredRepository {
  readonly images: readonly RuledImage[];
  /** It could not be asked about; nothing is known of what rules want then. */
  readonly error?: PromoterError;
}

export interface FindingImages {
  readonly rules: readonly ReplicationRule[];
  readonly routes: PromotionRoutes;
  readonly catalog: Catalog;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What of the work is this run's: repositories of which nothing can be are not asked about. Default: all of it. */
  readonly shard?: Shard | undefined;
}

type PromotionRoutes = Parameters<typeof coveredRepositories>[0]["routes"];

/**
 * Asks the registries what rules want of them, and what is at the destination already: two lists for each repository.
 * Each repository's images come the newest first, and each image once.
 *
 * @throws {PromoterError} what a registry says that does not list its repositories. A repository that cannot be listed
 * has its `error` instead.
 */
export async function findImages(
  finding: FindingImages,
  context: PromotionContext,
): Promise<readonly RuledRepository[]> {
  const { signal, limit } = context;
  const { shard } = finding;
  const covered = await coveredRepositories({ ...finding, ...(signal && { signal }) });
  const own = covered.filter(({ destination }) => shard === undefined || mayHold(shard, destination));
  return mapConcurrent(own, limit.size, async (repository) => {
    try {
      return { ...repository, images: await imagesOf(repository, finding, context) };
    } catch (thrown) {
      signal?.throwIfAborted();
      if (!(thrown instanceof PromoterError)) throw thrown;
      return { ...repository, images: [], error: thrown };
    }
  });
}

async function imagesOf(
  repository: CoveredRepository,
  { catalog, now }: FindingImages,
  context: PromotionContext,
): Promise<readonly RuledImage[]> {
  const { destination, sources, rules } = repository;
  const list = (side: "source" | "destination", name: Reference) =>
    limited(context, side, (waiting: Waiting) => catalog.tags(name, waiting));
  const [standing, ...offers] = await Promise.all([
    list("destination", destination),
    ...sources.map((source) => list("source", source)),
  ]);
  if (offers.every((offer) => offer === undefined)) throw unknownSource(sources);
  const name = sources.map(repositoryOf).join(" and ");
  const tags = firstOffers(offers);
  const there = new Map((standing ?? []).map((listed) => [listed.tag, listed]));
  const images = new Map<string, RuledImage>();
  for (const rule of rules) {
    for (const listed of selectTags(rule, { name, tags }, now)) {
      if (images.has(listed.tag)) continue;
      images.set(listed.tag, ruledImage(repository, rule, listed, there.get(listed.tag)));
    }
  }
  return [...images.values()];
}

function ruledImage(
  { destination, sources }: CoveredRepository,
  rule: ReplicationRule,
  { tag, digest }: ListedTag,
  standing: ListedTag | undefined,
): RuledImage {
  const same = digest !== undefined && standing?.digest === digest;
  return {
    wanted: {
      destination: { ...destination, tag },
      sources: sources.map((source) => ({ ...source, tag })),
      origin: `the rule ${rule.name}`,
    },
    rule,
    standing: same ? "same" : standing === undefined ? "missing" : "listed",
    ...(digest !== undefined && { digest }),
  };
}

/** Of a tag that several sources have, the first one's is meant. */
function firstOffers(offers: readonly (readonly ListedTag[] | undefined)[]): readonly ListedTag[] {
  const tags = new Map<string, ListedTag>();
  for (const listed of offers.flatMap((offer) => offer ?? [])) {
    if (!tags.has(listed.tag)) tags.set(listed.tag, listed);
  }
  return [...tags.values()];
}

function unknownSource(sources: readonly Reference[]): PromoterError {
  return new PromoterError(
    "NameUnknown",
    `There is no repository ${sources.map(repositoryOf).join(", nor ")}`,
    {
      side: "source",
      hint: "Check the rule's repositories: they are named below the prefixes of the route",
    },
  );
}
