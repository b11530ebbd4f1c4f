import type { CreationRights } from "../ecr/policy/identity-policy.ts";
import type { RegistryPlace, RepositoryScope } from "../ecr/policy/registry-place.ts";
import type { PodTrust } from "./pod-trust.ts";

/** Repositories that are promoted from. */
export interface SourceScope extends RepositoryScope {
  /** A role of the source's account that the Job takes on; without one the repositories' policies let the Job in. */
  readonly role?: { readonly arn: string; readonly externalId?: string };
}

/** Repositories that are promoted to. */
export interface DestinationScope extends RepositoryScope {
  /** Name, with its path, of the Job's role in this account, where it has one of its own. */
  readonly roleName?: string;
  /** What is promoted from into here; all of every source where absent. */
  readonly sources?: readonly RepositoryScope[];
}

export interface PolicyOptions {
  readonly sources: readonly SourceScope[];
  readonly destinations: readonly DestinationScope[];
  /** Whom the sources let in: the destinations' accounts, the Job's roles alone, or an organization. */
  readonly pullers: "accounts" | "roles" | { readonly organization: string };
  /** Name, with its path, of the Job's role in the other destinations' accounts: `image-promoter`. */
  readonly roleName: string;
  readonly trust: PodTrust;
  readonly createRepositories: false | CreationRights;
  /** Whether `plan` and `doctor` may ask what they like to know. */
  readonly reads: boolean;
  /** Whether a gate asks what scans have found. */
  readonly scans: boolean;
  /** ARN of the key of KMS, or of its alias, by which the Job signs what it attests. */
  readonly signingKey?: string;
  /** Of the sources' pull statement. */
  readonly sid?: string;
  /** Whether to render a lifecycle policy for sources. */
  readonly lifecycle: boolean;
  /** Days until what no tag leads to is removed at destinations; see `destinationLifecyclePolicy`. */
  readonly expireUntaggedDays?: number;
}

/** Whether images go from there to here. */
export function promotesFrom({ sources }: DestinationScope, source: RegistryPlace): boolean {
  return sources?.some((own) => isSamePlace(own, source)) ?? true;
}

/** The part of a source that is promoted into any of the destinations. */
export function partFor(destinations: readonly DestinationScope[], source: SourceScope): SourceScope {
  const repositories = destinations.flatMap(({ sources }) =>
    sources === undefined
      ? source.repositories
      : sources.filter((own) => isSamePlace(own, source)).flatMap((own) => own.repositories),
  );
  return { ...source, repositories: [...new Set(repositories)] };
}

function isSamePlace(one: RegistryPlace, other: RegistryPlace): boolean {
  return one.accountId === other.accountId && one.region === other.region;
}

/** The role of the Job in a destination's account. */
export function jobRoleArn(place: DestinationScope, options: PolicyOptions): string {
  const { accountId, partition, roleName = options.roleName } = place;
  return `arn:${partition}:iam::${accountId}:role/${roleName}`;
}
