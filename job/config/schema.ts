import type { ImageRequest } from "../images/image-request.ts";

/** How to reach one registry, or all whose host ends in `*.suffix`. */
export interface RegistrySettings {
  /** `host[:port]`, or `*.suffix` for every host below. */
  readonly host: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  readonly endpoint?: string;
  readonly insecure?: boolean;
}

/** How missing repositories are created; what is left out is left to the registry. */
export interface RepositoryCreation {
  readonly imageTagMutability?:
    | "MUTABLE"
    | "IMMUTABLE"
    | "MUTABLE_WITH_EXCLUSION"
    | "IMMUTABLE_WITH_EXCLUSION";
  /** Tags exempt from the mutability: `*` stands for any characters. */
  readonly exclusionFilters?: readonly string[];
  readonly scanOnPush?: boolean;
  readonly encryption?: { readonly type: "AES256" | "KMS" | "KMS_DSSE"; readonly kmsKey?: string };
  /** A policy document, as an object. */
  readonly lifecyclePolicy?: Readonly<Record<string, unknown>>;
  readonly repositoryPolicy?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface PromoterConfiguration {
  readonly images: readonly ImageRequest[];
}
