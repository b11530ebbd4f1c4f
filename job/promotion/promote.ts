import { mapConcurrentBy } from "../async/map-concurrent.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { BlobTransfers, blobsOf } from "./blob-transfer.ts";
import type { PromotionContext } from "./context.ts";
import { copyImage } from "./copy.ts";
import type { PlannedImage, WantedImage } from "./image.ts";
import type { CopyRun } from "./image-copy.ts";
import { imageReport, reportedError } from "./image-report.ts";
import { decideAbout, imagesAtOnce } from "./plan.ts";
import { type ImageReport, type PromotionReport, promotionReport } from "./report.ts";
import { verifyImage } from "./verify.ts";

/**
 * Promotes images: decides about each, copies, verifies, reports. One image's failure stops no other, and never
 * rejects: an image that could not be promoted, also because the signal was aborted, is reported as `failed`.
 */
export async function promoteImages(
  wanted: readonly WantedImage[],
  context: PromotionContext,
): Promise<PromotionReport> {
  const startedAt = context.clock.now();
  const images = await planAndPromote(wanted, context);
  return promotionReport({ kind: "PromotionReport", startedAt, images, now: context.clock.now() });
}

/** Sees that one image is at its destination. Never rejects: what fails is reported. */
export type PromoteImage = (image: WantedImage) => Promise<ImageReport>;

/**
 * Promotes images one by one, as they become known. Those that are promoted by the same function share what they have
 * in common as the images of one run do, for as long as it is used: what they brought is taken to be there still.
 */
export function sharedPromotion(context: PromotionContext): PromoteImage {
  const run: CopyRun = { blobs: new BlobTransfers(context), manifests: new SingleFlight() };
  return async (image) => {
    const report = await planAndPromoteOne(image, run, context);
    context.onEvent?.({ type: "finished", image: report });
    return report;
  };
}

async function planAndPromote(
  wanted: readonly WantedImage[],
  context: PromotionContext,
): Promise<readonly ImageReport[]> {
  const promote = sharedPromotion(context);
  const sourceOf = ({ sources }: WantedImage) => sources?.[0]?.host;
  // A source that lets us wait lets its own images wait.
  return mapConcurrentBy(wanted, imagesAtOnce(context), sourceOf, promote);
}

async function planAndPromoteOne(
  wanted: WantedImage,
  run: CopyRun,
  context: PromotionContext,
): Promise<ImageReport> {
  let planned: PlannedImage;
  try {
    planned = await decideAbout(wanted, context, { attachmentsMeanwhile: true });
  } catch (thrown) {
    const error = reportedError(context.signal?.aborted ? context.signal.reason : thrown);
    return imageReport(wanted, { status: "failed", error });
  }
  return promoteImage(planned, run, context);
}

async function promoteImage(
  image: PlannedImage,
  run: CopyRun,
  context: PromotionContext,
): Promise<ImageReport> {
  const { work, report } = image;
  if (work === undefined) return report;
  let bytesCopied = 0;
  let bytesMounted = 0;
  const { destination } = report;
  const listener = {
    sent(bytes: number) {
      bytesCopied += bytes;
      context.onEvent?.({ type: "bytes", destination, bytes });
    },
    mounted(bytes: number) {
      bytesMounted += bytes;
      context.onEvent?.({ type: "saved", destination, bytes });
    },
    saved(bytes: number) {
      context.onEvent?.({ type: "saved", destination, bytes });
    },
  };
  const blobs = blobsOf(image);
  run.blobs.claim(work.to, blobs);
  try {
    const { attachments, attestation, ...copied } = await copyImage(work, run, listener, context);
    await verifyImage(work, context);
    const warnings = [...report.warnings, ...copied.warnings];
    const referrers = attachments.length;
    return { ...report, referrers, bytesCopied, bytesMounted, warnings, ...(attestation && { attestation }) };
  } catch (thrown) {
    const error = reportedError(context.signal?.aborted ? context.signal.reason : thrown);
    return { ...report, status: "failed", bytesCopied, bytesMounted, error };
  } finally {
    run.blobs.ended(work.to, blobs);
  }
}
