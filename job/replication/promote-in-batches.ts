import type { PromotionContext } from "../promotion/context.ts";
import type { WantedImage } from "../promotion/image.ts";
import { promoteImages } from "../promotion/promote.ts";
import { type ImageReport, type PromotionReport, promotionReport } from "../promotion/report.ts";
import { repositoryOf } from "../promotion/route.ts";
import { type ListedImages, type ListTags, setAsideListed } from "./listed-images.ts";

/** Images of a batch: what is remembered of their manifests and blobs is forgotten with it. */
const mostAtOnce = 500;

/**
 * Promotes any number of images in the memory of a few hundred: batch after batch, each repository's images one after
 * the other, so that most of what they share is known within a batch. Few images are one batch, in their own order.
 *
 * As `promoteImages`, it never rejects for what is wrong with an image, nor when the signal is aborted: what was not
 * reached by then is reported as `failed`.
 *
 * @param listTags lists the destination's tags first, to leave alone what has one.
 * @throws {PromoterError} only what a registry says that cannot be listed.
 */
export async function promoteInBatches(
  wanted: readonly WantedImage[],
  context: PromotionContext,
  listTags?: ListTags,
): Promise<PromotionReport> {
  if (wanted.length <= mostAtOnce && listTags === undefined) return promoteImages(wanted, context);
  const startedAt = context.clock.now();
  const { missing, kept } = await setAside(wanted, context, listTags);
  const images: ImageReport[] = [...kept];
  for (const batch of batchesOf(missing)) images.push(...(await promoteImages(batch, context)).images);
  return promotionReport({ kind: "PromotionReport", startedAt, images, now: context.clock.now() });
}

async function setAside(
  wanted: readonly WantedImage[],
  context: PromotionContext,
  listTags: ListTags | undefined,
): Promise<ListedImages> {
  if (listTags === undefined) return { missing: wanted, kept: [] };
  const listed = await setAsideListed(wanted, listTags, context);
  for (const image of listed.kept) context.onEvent?.({ type: "finished", image });
  return listed;
}

function* batchesOf(wanted: readonly WantedImage[]): Generator<readonly WantedImage[]> {
  const byRepository = [
    ...Map.groupBy(wanted, ({ destination }) => repositoryOf(destination)).values(),
  ].flat();
  for (let start = 0; start < byRepository.length; start += mostAtOnce) {
    yield byRepository.slice(start, start + mostAtOnce);
  }
}
