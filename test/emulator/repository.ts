import type { Digest } from "../../job/oci/digest.ts";
import type { StoredBlob } from "./blob.ts";
import type { LayerUpload } from "./layer-upload.ts";

export type TagMutability = "MUTABLE" | "IMMUTABLE" | "IMMUTABLE_WITH_EXCLUSION" | "MUTABLE_WITH_EXCLUSION";

export interface ExclusionFilter {
  readonly filterType: "WILDCARD";
  readonly filter: string;
}

export interface Encryption {
  readonly encryptionType: "AES256" | "KMS" | "KMS_DSSE";
  readonly kmsKey?: string;
}

export interface StoredManifest {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Milliseconds since the epoch. */
  readonly pushedAt: number;
  lastPulledAt?: number;
  status: "ACTIVE" | "ARCHIVED" | "ACTIVATING";
  /** Milliseconds since the epoch. */
  lastArchivedAt?: number;
  lastActivatedAt?: number;
  /** The answer of DescribeImageScanFindings, without the image's own fields. */
  scanFindings?: object;
}

export interface RepositorySettings {
  readonly imageTagMutability?: TagMutability;
  readonly imageTagMutabilityExclusionFilters?: readonly ExclusionFilter[];
  readonly scanOnPush?: boolean;
  readonly encryption?: Encryption;
  readonly tags?: Readonly<Record<string, string>>;
  readonly policyText?: string;
  readonly lifecyclePolicyText?: string;
}

/** A repository with all that it holds. `uploads` are the layer uploads that are under way. */
export interface Repository {
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  imageTagMutability: TagMutability;
  imageTagMutabilityExclusionFilters: readonly ExclusionFilter[];
  scanOnPush: boolean;
  readonly encryption: Encryption;
  readonly tags: Map<string, string>;
  policyText?: string;
  lifecyclePolicyText?: string;
  readonly manifests: Map<Digest, StoredManifest>;
  readonly imageTags: Map<string, Digest>;
  readonly blobs: Map<Digest, StoredBlob>;
  readonly uploads: Map<string, LayerUpload>;
}

export interface RepositoryPlace {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
}

/** An empty repository with ECR's defaults where `settings` is silent. */
export function newRepository(
  { accountId, region, name }: RepositoryPlace,
  settings: RepositorySettings,
  now: number,
): Repository {
  return {
    name,
    arn: repositoryArn({ accountId, region, name }),
    accountId,
    region,
    createdAt: now,
    imageTagMutability: settings.imageTagMutability ?? "MUTABLE",
    imageTagMutabilityExclusionFilters: settings.imageTagMutabilityExclusionFilters ?? [],
    scanOnPush: settings.scanOnPush ?? false,
    encryption: settings.encryption ?? { encryptionType: "AES256" },
    tags: new Map(Object.entries(settings.tags ?? {})),
    ...(settings.policyText !== undefined && { policyText: settings.policyText }),
    ...(settings.lifecyclePolicyText !== undefined && { lifecyclePolicyText: settings.lifecyclePolicyText }),
    manifests: new Map(),
    imageTags: new Map(),
    blobs: new Map(),
    uploads: new Map(),
  };
}

export function repositoryArn({ accountId, region, name }: RepositoryPlace): string {
  return `arn:${partitionOf(region)}:ecr:${region}:${accountId}:repository/${name}`;
}

export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("eusc-")) return "aws-eusc";
  return "aws";
}

/**
 * Whether a tag that exists may not be moved. A filter of exclusion turns the repository's rule round for the tags
 * that it matches; `*` stands for any characters.
 */
export function isImmutableTag(
  repository: Pick<Repository, "imageTagMutability" | "imageTagMutabilityExclusionFilters">,
  tag: string,
): boolean {
  const excluded = repository.imageTagMutabilityExclusionFilters.some(({ filter }) =>
    matchesWildcard(filter, tag),
  );
  switch (repository.imageTagMutability) {
    case "MUTABLE":
      return false;
    case "IMMUTABLE":
      return true;
    case "IMMUTABLE_WITH_EXCLUSION":
      return !excluded;
    case "MUTABLE_WITH_EXCLUSION":
      return excluded;
  }
}

function matchesWildcard(filter: string, tag: string): boolean {
  const pattern = filter
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(tag);
}
