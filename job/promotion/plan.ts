import { mapConcurrent } from "../async/map-concurrent.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { blobsOf } from "./blob-transfer.ts";
import { limited, type PromotionContext } from "./context.ts";
import { estimatePlan } from "./estimate.ts";
import type { ImageWork, PlannedImage, SurveyedImage, WantedImage } from "./image.ts";
import { reportedError } from "./image-report.ts";
import { missingRepository } from "./missing-repository.ts";
import { type PlanImageOptions, planImage } from "./plan-image.ts";
import { type ImageReport, type PromotionReport, promotionReport } from "./report.ts";
import { bytesOfBlobs, bytesOfManifests, manifestsToPut, type PlannedWrites, planWrites } from "./writes.ts";

/** Images whose manifests are fetched, or whose content is copied, at the same time. */
export function imagesAtOnce({ limit, requests = limit }: PromotionContext): number {
  return Math.max(limit.size * 2, requests.size);
}

/** Decides about one image, and says so; writes nothing. Rejects only when aborted. */
export async function decideAbout(
  image: WantedImage,
  context: PromotionContext,
  options: PlanImageOptions = {},
): Promise<PlannedImage> {
  const planned = await planImage(image, context, options);
  context.onEvent?.({ type: "planned", image: planned.report, bytes: bytesOf(planned) });
  return planned;
}

export interface Inspecting {
  /** Also says what is far off, and what could not be asked. */
  readonly thorough: boolean;
  /** Whether this is the image by which to say what stands against mounting blobs at its destination. */
  readonly mounts: boolean;
}

export interface PlanOptions {
  /** Repositories that are missing at the destination will be made. */
  readonly createRepositories: boolean;
  /** Milliseconds that a registry's request quotas allow at the least for so many manifests. */
  readonly leastMs?: (host: string, manifestWrites: number) => number;
  /** Whatever else should be known before an image is promoted. */
  readonly inspect?: (image: PlannedImage, inspecting: Inspecting) => Promise<readonly string[]>;
}

/**
 * Says what a promotion would do, with the bytes that it would send: the destination is asked for each blob. Writes
 * nothing. Rejects only when aborted.
 */
export async function planPromotion(
  wanted: readonly WantedImage[],
  options: PlanOptions,
  context: PromotionContext,
): Promise<PromotionReport> {
  const startedAt = context.clock.now();
  const images = await mapConcurrent(wanted, imagesAtOnce(context), (image) => decideAbout(image, context));
  const surveyed = await mapConcurrent(images, imagesAtOnce(context), (image) =>
    survey(image, options, context),
  );
  const writes = planWrites(surveyed);
  const mounting = firstToMount(surveyed, writes);
  const reports = await mapConcurrent(surveyed, imagesAtOnce(context), ({ image }, position) => {
    const inspecting = { thorough: false, mounts: mounting.has(position) };
    return inspected({ ...image, report: withBytes(image, writes[position]) }, inspecting, options, context);
  });
  const attachments = context.referrers !== "none";
  const estimate = estimatePlan(surveyed, writes, { ...options, attachments });
  return promotionReport({
    kind: "PromotionPlan",
    startedAt,
    images: reports,
    now: context.clock.now(),
    estimate,
  });
}

async function survey(
  image: PlannedImage,
  options: PlanOptions,
  context: PromotionContext,
): Promise<SurveyedImage> {
  const { work } = image;
  if (work === undefined) return { image, missing: [] };
  try {
    return { image, missing: await missingBlobs(image, work, options, context) };
  } catch (thrown) {
    context.signal?.throwIfAborted();
    return { image: { ...image, report: failed(image, thrown) }, missing: [] };
  }
}

function failed({ report }: PlannedImage, thrown: unknown): ImageReport {
  return { ...report, status: "failed", error: reportedError(thrown) };
}

/** The positions of the first image of each registry of which something is to be mounted. */
function firstToMount(
  images: readonly SurveyedImage[],
  writes: readonly PlannedWrites[],
): ReadonlySet<number> {
  const first = new Map<string | undefined, number>();
  for (const [position, { mounted }] of writes.entries()) {
    const host = images[position]?.image.work?.to.host;
    if (mounted.length > 0 && !first.has(host)) first.set(host, position);
  }
  return new Set(first.values());
}

/** What the image's report says with the warnings of its inspection. */
async function inspected(
  image: PlannedImage,
  inspecting: Inspecting,
  options: PlanOptions,
  context: PromotionContext,
): Promise<ImageReport> {
  const { work, report } = image;
  if (work === undefined || report.status === "failed" || options.inspect === undefined) return report;
  try {
    const warnings = await options.inspect(image, inspecting);
    return { ...report, warnings: [...report.warnings, ...warnings] };
  } catch (thrown) {
    context.signal?.throwIfAborted();
    return failed(image, thrown);
  }
}

async function missingBlobs(
  image: PlannedImage,
  work: ImageWork,
  options: PlanOptions,
  context: PromotionContext,
): Promise<readonly Descriptor[]> {
  const { to } = work;
  const exists = await limited(context, "destination", async (waiting) => to.exists?.(waiting));
  const blobs = blobsOf(image);
  if (exists === false) {
    if (!options.createRepositories) throw missingRepository(to);
    return blobs;
  }
  const present = await Promise.all(
    blobs.map((blob) => limited(context, "destination", (waiting) => to.hasBlob(blob, waiting))),
  );
  return blobs.filter((_, position) => present[position] === false);
}

function withBytes({ report, work }: PlannedImage, writes: PlannedWrites | undefined): ImageReport {
  if (work === undefined || writes === undefined || report.status === "failed") return report;
  const bytesCopied = bytesOfManifests(writes.manifests) + bytesOfBlobs(writes.sent);
  return { ...report, bytesCopied, bytesMounted: bytesOfBlobs(writes.mounted) };
}

/** What may have to be sent for an image at the most. */
function bytesOf(image: PlannedImage): number {
  if (image.work === undefined) return 0;
  return bytesOfManifests(manifestsToPut(image.work)) + bytesOfBlobs(blobsOf(image));
}
