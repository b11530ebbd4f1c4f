import type { PromoterConfiguration } from "./schema.ts";

/** How a repository that is missing at the destination is made. What is absent is left to the registry's defaults. */
export interface RepositoryCreation {
  readonly mutability?: {
    readonly mode: "MUTABLE" | "IMMUTABLE" | "MUTABLE_WITH_EXCLUSION" | "IMMUTABLE_WITH_EXCLUSION";
    /** Wildcard patterns of the tags for which the opposite holds. */
    readonly exclusions: readonly string[];
  };
  readonly scanOnPush?: boolean;
  readonly encryption?: { readonly type: "AES256" | "KMS" | "KMS_DSSE"; readonly kmsKey?: string };
  /** The lifecycle policy's JSON. */
  readonly lifecyclePolicy?: string;
  /** The repository policy's JSON. */
  readonly repositoryPolicy?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

type Written = Exclude<
  NonNullable<NonNullable<PromoterConfiguration["copy"]>["createRepositories"]>,
  boolean
>;

/** The settings as the registry takes them: policies as JSON, and the exclusions told by the mode. */
export function repositoryCreation(written: Written): RepositoryCreation {
  const {
    imageTagMutability,
    exclusionFilters,
    scanOnPush,
    encryption,
    lifecyclePolicy,
    repositoryPolicy,
    tags,
  } = written;
  const base = imageTagMutability?.startsWith("IMMUTABLE") ? "IMMUTABLE" : "MUTABLE";
  const exclusions = exclusionFilters ?? [];
  const mode = exclusions.length === 0 ? base : (`${base}_WITH_EXCLUSION` as const);
  return {
    ...(imageTagMutability !== undefined && { mutability: { mode, exclusions } }),
    ...(scanOnPush !== undefined && { scanOnPush }),
    ...(encryption !== undefined && {
      encryption: {
        type: encryption.type,
        ...(encryption.kmsKey !== undefined && { kmsKey: encryption.kmsKey }),
      },
    }),
    ...(lifecyclePolicy !== undefined && { lifecyclePolicy: JSON.stringify(lifecyclePolicy) }),
    ...(repositoryPolicy !== undefined && { repositoryPolicy: JSON.stringify(repositoryPolicy) }),
    ...(tags !== undefined && { tags }),
  };
}
