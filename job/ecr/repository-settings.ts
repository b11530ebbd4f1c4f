/** Whether tags may be moved. {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html} */
export interface TagMutability {
  readonly mode: "MUTABLE" | "IMMUTABLE" | "MUTABLE_WITH_EXCLUSION" | "IMMUTABLE_WITH_EXCLUSION";
  /** Wildcard patterns (`*` stands for any characters) of the tags for which the opposite holds. */
  readonly exclusions: readonly string[];
}

/** How a repository is made. What is absent is left to ECR's defaults. */
export interface RepositorySettings {
  readonly mutability?: TagMutability;
  readonly scanOnPush?: boolean;
  readonly encryption?: {
    readonly type: "AES256" | "KMS" | "KMS_DSSE";
    /** ARN, id or alias of the key; ECR's own key where absent. */
    readonly kmsKey?: string;
  };
  /** The lifecycle policy's JSON. */
  readonly lifecyclePolicy?: string;
  /** The repository policy's JSON. */
  readonly repositoryPolicy?: string;
  readonly tags?: Readonly<Record<string, string>>;
}
