import { PromoterError } from "../error.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { reportedError } from "../promotion/image-report.ts";
import { repositoryOf } from "../promotion/route.ts";
import type { Catalog } from "./catalog.ts";
import type { PrunePlan } from "./plan-prune.ts";
import type { RemovalReport } from "./removal-report.ts";
import type { Judged } from "./removals.ts";
import { isCompanionTag } from "./rule.ts";

export interface PruneLimits {
  /** The most images that are removed. */
  readonly mostImages: number;
  /** The most of the tagged images, in percent. */
  readonly mostPercent: number;
}

/** What a plan comes to: images with tags of their own, which people know by name. */
export function sizeOfPrune(plans: readonly PrunePlan[]): { images: number; of: number } {
  const going = plans.flatMap(({ waves }) => waves.flat());
  const images = going.filter(({ tags }) => tags.some((tag) => !isCompanionTag(tag))).length;
  return { images, of: plans.reduce((sum, { taggedImages }) => sum + taggedImages, 0) };
}

/** @throws {PromoterError} `PruneRefused` when more would go than the limits allow. */
export function checkPruneLimits(plans: readonly PrunePlan[], limits: PruneLimits): void {
  const { images, of } = sizeOfPrune(plans);
  const percent = of === 0 ? 0 : (100 * images) / of;
  if (images <= limits.mostImages && percent <= limits.mostPercent) return;
  const over =
    images > limits.mostImages
      ? `more than ${limits.mostImages}`
      : `${Math.ceil(percent)} percent, and ${limits.mostPercent} are allowed`;
  throw new PromoterError(
    "PruneRefused",
    `Nothing was removed: it would be ${images} of ${of} images, ${over}`,
    {
      side: "destination",
      hint: "See with --dry-run what would go; then raise --prune-limit or --prune-fraction, or add --force",
    },
  );
}

/** What would be removed, and what is spared. */
export function plannedRemovals(plans: readonly PrunePlan[]): readonly RemovalReport[] {
  return plans.flatMap(({ destination, waves, spared }) => [
    ...waves.flat().map((image) => reportOf(destination, image, "to-remove")),
    ...spared.map((image) => reportOf(destination, image, "spared")),
  ]);
}

/**
 * Only what was agreed to, and still is to go, with the very same tags. A repository of which anything else would go by
 * now is left alone: what somebody does there is not over.
 */
export function agreedOnly(fresh: readonly PrunePlan[], agreed: readonly PrunePlan[]): readonly PrunePlan[] {
  const key = ({ destination }: PrunePlan, { digest, tags }: Judged) =>
    `${repositoryOf(destination)}@${digest} ${tags.toSorted().join(" ")}`;
  const known = new Set(agreed.flatMap((plan) => plan.waves.flat().map((image) => key(plan, image))));
  return fresh.map((plan) =>
    plan.waves.flat().every((image) => known.has(key(plan, image))) ? plan : { ...plan, waves: [] },
  );
}

/**
 * Removes what plans say, one repository after the other. Where an image is not removed, what belongs to it stays, too:
 * the repository's later waves are left out. Never rejects, nor when the signal is aborted: what was not reached by then
 * is reported as `failed`.
 */
export async function removePlanned(
  plans: readonly PrunePlan[],
  catalog: Pick<Catalog, "remove">,
  context: PromotionContext,
): Promise<readonly RemovalReport[]> {
  const reports: RemovalReport[] = [];
  for (const { destination, waves, spared } of plans) {
    for (const wave of waves) {
      const done = await removeWave(destination, wave, catalog, context);
      reports.push(...done);
      if (done.some(({ status }) => status === "failed")) break;
    }
    reports.push(...spared.map((image) => reportOf(destination, image, "spared")));
  }
  return reports;
}

async function removeWave(
  destination: Reference,
  wave: readonly Judged[],
  catalog: Pick<Catalog, "remove">,
  context: PromotionContext,
): Promise<readonly RemovalReport[]> {
  const digests = wave.map(({ digest }) => digest);
  try {
    const kept = await limited(context, "destination", (waiting) =>
      catalog.remove(destination, digests, waiting),
    );
    const reasons = new Map(kept.map(({ digest, reason }) => [digest, reason]));
    return wave.map((image) => {
      const reason = reasons.get(image.digest);
      return reason === undefined
        ? reportOf(destination, image, "removed")
        : reportOf(destination, { ...image, reason }, "failed");
    });
  } catch (thrown) {
    const error = reportedError(context.signal?.aborted ? context.signal.reason : thrown);
    return wave.map((image) => ({
      ...reportOf(destination, { ...image, reason: error.message }, "failed"),
      error,
    }));
  }
}

function reportOf(
  { host, repository }: Reference,
  { digest, tags, reason }: Judged,
  status: RemovalReport["status"],
): RemovalReport {
  return { image: formatReference({ host, repository, digest }), tags, status, reason };
}
