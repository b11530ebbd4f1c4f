import { mapConcurrent } from "../async/map-concurrent.ts";
import { hasCode } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import type { WantedImage } from "../promotion/image.ts";
import { imageReport } from "../promotion/image-report.ts";
import type { ImageReport } from "../promotion/report.ts";
import { repositoryOf } from "../promotion/route.ts";

/** A repository's tags, page by page; throws `NameUnknown` when there is no such repository. */
export type ListTags = (repository: Reference, waiting: Waiting) => AsyncIterable<string>;

export interface ListedImages {
  /** What is still to be looked at, in its order. */
  readonly missing: readonly WantedImage[];
  /** What has its tag at the destination, reported as `kept`: nobody asked what the tag stands for. */
  readonly kept: readonly ImageReport[];
}

/**
 * Lists each destination repository's tags once and sets aside what has one: a thousand images in a request, where each
 * would take two. An image by digest is not set aside, for a list of tags proves no digest.
 *
 * @throws {PromoterError} what a registry says that cannot be listed.
 */
export async function setAsideListed(
  wanted: readonly WantedImage[],
  listTags: ListTags,
  context: PromotionContext,
): Promise<ListedImages> {
  const byRepository = Map.groupBy(wanted.filter(isNamedByTag), ({ destination }) =>
    repositoryOf(destination),
  );
  const found = await mapConcurrent([...byRepository.values()], context.limit.size, async (images) => {
    const tags = await tagsAmong(images, listTags, context);
    return images.filter(({ destination: { tag } }) => tag !== undefined && tags.has(tag));
  });
  const there = new Set(found.flat());
  return {
    missing: wanted.filter((image) => !there.has(image)),
    kept: [...there].map((image) => imageReport(image, { status: "kept" })),
  };
}

function isNamedByTag({ destination, sources }: WantedImage): boolean {
  return sources !== undefined && destination.tag !== undefined && destination.digest === undefined;
}

/** Those of the wanted tags that are there: of a repository with many more, the others are not kept in memory. */
async function tagsAmong(
  images: readonly WantedImage[],
  listTags: ListTags,
  context: PromotionContext,
): Promise<ReadonlySet<string>> {
  const there = new Set<string>();
  const [first] = images;
  if (first === undefined) return there;
  const wanted = new Set(images.map(({ destination }) => destination.tag));
  try {
    await limited(context, "destination", async (waiting) => {
      for await (const tag of listTags(first.destination, waiting)) if (wanted.has(tag)) there.add(tag);
    });
  } catch (thrown) {
    // A repository that is yet to be made has nothing.
    if (!hasCode(thrown, "NameUnknown")) throw thrown;
  }
  return there;
}
