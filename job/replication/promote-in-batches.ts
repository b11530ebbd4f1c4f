import type { PromotionContext } from "../promotion/context.ts";
import type { WantedImage } from "../promotion/image.ts";
import { promoteImages } from "../promotion/promote.ts";
import { type ImageReport, type PromotionReport, promotionReport } from "../promotion/report.ts";
import { repositoryOf } from "../promotion/route.ts";

/** Images whose manifests are in memory at a time. A batch begins by reading them, so a run that is killed loses no more. */
const mostAtOnce = 500;

/**
 * Promotes any number of images in the memory of a few hundred: batch after batch, each repository's images one after
 * the other, so that most of what they share is known within a batch. Few images are one batch, in their own order.
 *
 * As `promoteImages`, it never rejects for what is wrong with an image, nor when the signal is aborted: what was not
 * reached by then is reported as `failed`.
 */
export async function promoteInBatches(
  wanted: readonly WantedImage[],
  context: PromotionContext,
): Promise<PromotionReport> {
  if (wanted.length <= mostAtOnce) return promoteImages(wanted, context);
  const startedAt = context.clock.now();
  const images: ImageReport[] = [];
  for (const batch of batchesOf(wanted)) images.push(...(await promoteImages(batch, context)).images);
  return promotionReport({ kind: "PromotionReport", startedAt, images, now: context.clock.now() });
}

function* batchesOf(wanted: readonly WantedImage[]): Generator<readonly WantedImage[]> {
  const byRepository = [
    ...Map.groupBy(wanted, ({ destination }) => repositoryOf(destination)).values(),
  ].flat();
  for (let start = 0; start < byRepository.length; start += mostAtOnce) {
    yield byRepository.slice(start, start + mostAtOnce);
  }
}
