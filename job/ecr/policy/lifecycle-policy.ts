/**
 * A lifecycle policy, as ECR takes it.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html}
 */
export interface LifecyclePolicy {
  readonly rules: readonly LifecyclePolicyRule[];
}

interface LifecyclePolicyRule {
  readonly rulePriority: number;
  readonly description: string;
  readonly selection: Readonly<Record<string, string | number | readonly string[]>>;
  readonly action: { readonly type: "expire" };
}

export interface SourceLifecycleOptions {
  /** Days until what no tag leads to any more is removed. Default 14. */
  readonly untaggedDays?: number;
  /** How many of the newest tagged images of a repository are kept. Default 500. */
  readonly keepImages?: number;
}

/**
 * For repositories that builds push to. Rules go by number and not by age, so that an application which is released
 * rarely is still there when it is to be promoted; what was promoted lives on at the destination.
 */
export function sourceLifecyclePolicy(options: SourceLifecycleOptions = {}): LifecyclePolicy {
  const { untaggedDays = 14, keepImages = 500 } = options;
  return {
    rules: [
      untaggedRule(1, untaggedDays),
      {
        rulePriority: 2,
        description: `Keep the newest ${keepImages} images`,
        selection: {
          tagStatus: "tagged",
          tagPatternList: ["*"],
          countType: "imageCountMoreThan",
          countNumber: keepImages,
        },
        action: { type: "expire" },
      },
    ],
  };
}

/**
 * For repositories that are promoted to: never a tagged image, for ECR cannot know what runs, and a further tag makes no
 * image younger. Without `untaggedDays` there is no policy at all: an image that is promoted by its digest alone has no
 * tag either.
 *
 * @param options.untaggedDays days until what no tag leads to is removed: what interrupted promotions left, and what a
 * tag stood for before it was moved. Only where manifests name no image by its digest alone.
 */
export function destinationLifecyclePolicy(options: {
  readonly untaggedDays?: number;
}): LifecyclePolicy | undefined {
  const { untaggedDays } = options;
  return untaggedDays === undefined ? undefined : { rules: [untaggedRule(1, untaggedDays)] };
}

/** The members of an index have no tags, but ECR keeps them for as long as the index is there. */
function untaggedRule(rulePriority: number, days: number): LifecyclePolicyRule {
  return {
    rulePriority,
    description: `Expire what has no tag after ${days} days`,
    selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: days },
    action: { type: "expire" },
  };
}
