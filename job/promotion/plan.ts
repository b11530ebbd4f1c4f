import { mapConcurrent } from "../async/map-concurrent.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { blobsOf } from "./blob-transfer.ts";
import { limited, type PromotionContext } from "./context.ts";
import { estimatePlan } from "./estimate.ts";
import { nodesOf } from "./graph.ts";
import type { ImageWork, PlannedImage, SurveyedImage, WantedImage } from "./image.ts";
import { reportedError } from "./image-report.ts";
import { missingRepository } from "./missing-repository.ts";
import { planImage } from "./plan-image.ts";
import type { PromotionReport } from "./report.ts";
import { promotionReport } from "./report.ts";

/** Images whose manifests are fetched, or whose content is copied, at the same time. */
export function imagesAtOnce(context: PromotionContext): number {
  return context.limit.size * 2;
}

/** Decides about all images; writes nothing. Rejects only when aborted. */
export async function planImages(
  wanted: readonly WantedImage[],
  context: PromotionContext,
): Promise<readonly PlannedImage[]> {
  return mapConcurrent(wanted, imagesAtOnce(context), async (image) => {
    const planned = await planImage(image, context);
    context.onEvent?.({ type: "planned", image: planned.report, bytes: bytesOf(planned) });
    return planned;
  });
}

export interface Inspecting {
  /** Also says what is far off, and what could not be asked. */
  readonly thorough: boolean;
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
  const images = await planImages(wanted, context);
  const counted = new Set<string>();
  const surveyed = await mapConcurrent(images, imagesAtOnce(context), (image) =>
    survey(image, options, context),
  );
  // Who brings a blob that several images share is settled in the plan's order, as the promotion does.
  const reports = surveyed.map(({ image, missing }) => {
    if (image.work === undefined || image.report.status === "failed") return image.report;
    return { ...image.report, ...splitBytes(image.work, missing, counted) };
  });
  const estimate = estimatePlan(surveyed, options.leastMs);
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
    const [missing, warnings] = await Promise.all([
      missingBlobs(image, work, options, context),
      options.inspect?.(image, { thorough: false }) ?? [],
    ]);
    return {
      image: { ...image, report: { ...image.report, warnings: [...image.report.warnings, ...warnings] } },
      missing,
    };
  } catch (thrown) {
    context.signal?.throwIfAborted();
    return {
      image: { ...image, report: { ...image.report, status: "failed", error: reportedError(thrown) } },
      missing: [],
    };
  }
}

async function missingBlobs(
  image: PlannedImage,
  work: ImageWork,
  options: PlanOptions,
  context: PromotionContext,
): Promise<readonly Descriptor[]> {
  const { to } = work;
  const exists = await limited(context, "destination", async () => to.exists?.(context));
  const blobs = blobsOf(image);
  if (exists === false) {
    if (!options.createRepositories) throw missingRepository(to);
    return blobs;
  }
  const present = await Promise.all(
    blobs.map((blob) => limited(context, "destination", () => to.hasBlob(blob, context))),
  );
  return blobs.filter((_, position) => present[position] === false);
}

function splitBytes(
  work: ImageWork,
  missing: readonly Descriptor[],
  counted: Set<string>,
): { bytesCopied: number; bytesMounted: number } {
  let bytesCopied = manifestBytes(work);
  let bytesMounted = 0;
  for (const { digest, size } of missing) {
    const here = `${work.to.host}/${work.to.repository}@${digest}`;
    const anywhere = `${work.to.host}@${digest}`;
    if (counted.has(here)) continue;
    if (counted.has(anywhere)) bytesMounted += size;
    else bytesCopied += size;
    counted.add(here).add(anywhere);
  }
  return { bytesCopied, bytesMounted };
}

/** Bytes of the manifests that have to be put: those that are absent, and the root once more under its tag. */
function manifestBytes(work: ImageWork): number {
  const absent = nodesOf(work.root).filter((node) => !node.present || node === work.root);
  const attached = work.attachments.flatMap(({ node }) => nodesOf(node)).filter((node) => !node.present);
  return [...absent, ...attached].reduce((total, node) => total + node.manifest.bytes.length, 0);
}

function bytesOf(image: PlannedImage): number {
  if (image.work === undefined) return 0;
  return blobsOf(image).reduce((total, { size }) => total + size, manifestBytes(image.work));
}
