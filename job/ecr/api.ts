import type { Waiting } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { RepositorySettings, TagMutability } from "./repository-settings.ts";
import type { ScanDescription } from "./scan-answer.ts";

/** What `GetAuthorizationToken` answers, taken apart. */
export interface AuthorizationToken {
  readonly username: string;
  readonly password: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The caller's own account, as far as the answer tells it. */
  readonly callerAccount?: string;
}

/** A repository as `DescribeRepositories` tells it. */
export interface RepositoryDescription {
  readonly name: string;
  readonly arn: string;
  readonly mutability: TagMutability;
  readonly encryption: { readonly type: string; readonly kmsKey?: string };
  readonly scanOnPush: boolean;
}

/** An image as `DescribeImages` tells it. */
export interface ImageDescription {
  readonly digest: string;
  readonly tags: readonly string[];
  /** Milliseconds since the epoch. A further tag does not change it. */
  readonly pushedAt?: number;
  /** Archived images cannot be pulled until somebody restores them. */
  readonly status: "ACTIVE" | "ARCHIVED" | "ACTIVATING";
  readonly mediaType?: string;
  /** The digest that it is attached to. */
  readonly subject?: string;
}

/** An image that ECR was asked to remove, and did not. */
export interface KeptImage {
  readonly digest: string;
  readonly reason: string;
}

/**
 * The calls of ECR's API that this program makes to one registry, with the registry's identity. `undefined` and `false`
 * mean "asked, and it is not there".
 *
 * Every call @throws {PromoterError} `Denied` when the identity may not ask, `TooManyRequests`, `Unavailable` or
 * `Network` when trying later may help, `CredentialsUnavailable` when there is no identity at all.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html}
 */
export interface EcrApi {
  readonly host: EcrRegistryHost;
  /** The account that the identity belongs to; undefined when ECR does not let it be known. */
  callerAccount(options?: Waiting): Promise<string | undefined>;
  getAuthorizationToken(options?: Waiting): Promise<AuthorizationToken>;
  describeRepository(repository: string, options?: Waiting): Promise<RepositoryDescription | undefined>;
  /** Every repository of the registry, a page at a time. */
  listRepositories(options?: Waiting): AsyncIterable<readonly RepositoryDescription[]>;
  /** @returns "existed" when somebody else was faster. Lifecycle and repository policy are calls of their own. */
  createRepository(
    repository: string,
    settings: RepositorySettings,
    options?: Waiting,
  ): Promise<"created" | "existed">;
  /** @returns undefined when the image, or the whole repository, is not there. `target` is a tag or a digest. */
  describeImage(repository: string, target: string, options?: Waiting): Promise<ImageDescription | undefined>;
  /** Every image of a repository, archived and untagged ones too, a page at a time; undefined when there is no repository. */
  listImages(repository: string, options?: Waiting): AsyncIterable<readonly ImageDescription[] | undefined>;
  /** Removes images with all of their tags, at most 100 at once. @returns those that ECR keeps, and why. */
  deleteImages(
    repository: string,
    digests: readonly string[],
    options?: Waiting,
  ): Promise<readonly KeptImage[]>;
  /** Counts the images of a repository, and stops counting at `limit`. */
  countImages(repository: string, limit: number, options?: Waiting): Promise<number>;
  /** @returns undefined when no scan was made, or when enhanced findings are those of another account. */
  describeScan(repository: string, digest: Digest, options?: Waiting): Promise<ScanDescription | undefined>;
  getLifecyclePolicy(repository: string, options?: Waiting): Promise<string | undefined>;
  putLifecyclePolicy(repository: string, policy: string, options?: Waiting): Promise<void>;
  getRepositoryPolicy(repository: string, options?: Waiting): Promise<string | undefined>;
  setRepositoryPolicy(repository: string, policy: string, options?: Waiting): Promise<void>;
  /** A setting of the caller's own account, such as `BLOB_MOUNTING`; undefined when it was never set. */
  getAccountSetting(name: string, options?: Waiting): Promise<string | undefined>;
}

/** Opens the API of registries. One client per region and identity serves all of them. */
export interface EcrClients {
  forHost(host: EcrRegistryHost): Promise<EcrApi>;
  /** Names the identity that a registry is used with: registries of equal identity and region share a token. */
  identityFor(host: EcrRegistryHost): string;
}
