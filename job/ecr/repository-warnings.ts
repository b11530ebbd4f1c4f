import type { LifecycleRule } from "./lifecycle-policy.ts";
import { decidingRules } from "./lifecycle-policy.ts";
import type { TagMutability } from "./repository-settings.ts";
import { isTagImmutable } from "./tag-mutability.ts";

const dayMs = 24 * 60 * 60_000;
/** Rules that keep more images, or keep them for longer, are worth a word from `doctor` only. */
const soonDays = 30;
const fewImages = 10;
/** ECR's default quota, which can be raised. */
export const imagesPerRepository = 100_000;
/** From this many on, the quota is said to be near. */
export const manyImages: number = imagesPerRepository * 0.9;

/** What will become of an image by the repository's lifecycle policy. */
export interface LifecycleWarning {
  readonly text: string;
  /** Whether it is near enough to be said with every plan. */
  readonly soon: boolean;
}

export interface PromotedImage {
  /** The tags under which the image will be; none for one that is promoted by its digest alone. */
  readonly tags: readonly string[];
  /** When it came into the repository, if it is there already: a new tag does not make it younger. */
  readonly pushedAt?: number;
}

/** Says when lifecycle rules will expire or archive an image that is promoted, in use or not. */
export function lifecycleWarnings(
  rules: readonly LifecycleRule[],
  image: PromotedImage,
  now: number,
): readonly LifecycleWarning[] {
  return decidingRules(rules, image.tags).flatMap((rule) => warningOf(rule, image, now) ?? []);
}

function warningOf(rule: LifecycleRule, image: PromotedImage, now: number): LifecycleWarning | undefined {
  const { countNumber, countType } = rule;
  const does = rule.action === "expire" ? "expires" : "archives";
  const name = `Lifecycle rule ${rule.priority}`;
  const isOld = image.pushedAt !== undefined;
  switch (countType) {
    case "imageCountMoreThan":
      return {
        text: `${name} ${does} this image, even while it runs, as soon as ${countNumber} newer ones have come${isOld ? "; a new tag has not made it newer" : ""}`,
        soon: isOld || countNumber <= fewImages,
      };
    case "sinceImagePushed": {
      const left = countNumber - Math.floor((now - (image.pushedAt ?? now)) / dayMs);
      const when = left <= 0 ? "within a day" : `in ${left} ${left === 1 ? "day" : "days"}`;
      return {
        text: `${name} ${does} this image ${when}, even while it runs${isOld ? "; a new tag has not made it younger" : ""}`,
        soon: left <= soonDays,
      };
    }
    case "sinceImagePulled":
      return {
        text: `${name} ${does} this image when it was not pulled for ${countNumber} days, even while it runs`,
        soon: countNumber <= soonDays,
      };
    default:
      return undefined;
  }
}

/** Signatures of an image cannot be added to where their tags, once there, are immutable. */
export function signatureTagWarning(mutability: TagMutability): string | undefined {
  // Every digest makes the same kind of tag: the referrers index has no suffix, cosign's have.
  const tag = `sha256-${"0".repeat(64)}`;
  const isClosed = isTagImmutable(mutability, tag) || isTagImmutable(mutability, `${tag}.sig`);
  if (!isClosed) return undefined;
  return "Tags of this repository are immutable, those of signatures too: exclude sha256-* so that more can be attached later";
}

/** Warns when a repository has nearly as many images as the default quota allows. */
export function imageCountWarning(images: number): string | undefined {
  if (images < manyImages) return undefined;
  const counted = manyImages.toLocaleString("en-US");
  const quota = imagesPerRepository.toLocaleString("en-US");
  return `The repository has at least ${counted} images, and the default quota is ${quota}: expire old ones, or have the quota raised`;
}
