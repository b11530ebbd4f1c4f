import type { RequestKind } from "../registry/pacing.ts";
import { type EcrRegistryHost, repositoryArn } from "./registry-host.ts";

export interface EcrHintOptions {
  readonly host: EcrRegistryHost;
  /** Whose permissions count: a role's ARN, or words for the process's own identity. */
  readonly identity: string;
  /** The account of that identity, where it is known by the time that a hint is needed. */
  readonly callerAccount?: () => string | undefined;
}

/** What only ECR's user can do about a refusal: the words behind a registry client's hints. */
export interface EcrHints {
  describeDenied(kind: RequestKind, repository: string): string;
  describeMissingRepository(repository: string): string;
}

export function ecrHints(options: EcrHintOptions): EcrHints {
  return {
    describeDenied: (kind, repository) => describeDenied(kind, repository, options),
    describeMissingRepository: (repository) => describeMissingRepository(options.host, repository),
  };
}

/** Pushing asks whether a layer or image is there, too. */
const pushActions = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:PutImage",
  "ecr:BatchGetImage",
];

const pullActions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/**
 * The IAM actions that a kind of request needs, the one that was most likely missing first.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html}
 */
export function actionsFor(kind: RequestKind): readonly string[] {
  switch (kind) {
    case "manifest-read":
      return firstOf("ecr:BatchGetImage", pullActions);
    case "blob-check":
      return firstOf("ecr:BatchCheckLayerAvailability", pullActions);
    case "blob-read":
      return firstOf("ecr:GetDownloadUrlForLayer", pullActions);
    case "list":
      return ["ecr:ListImages", "ecr:BatchGetImage"];
    case "manifest-write":
      return firstOf("ecr:PutImage", pushActions);
    case "upload-start":
      return firstOf("ecr:InitiateLayerUpload", pushActions);
    case "upload-part":
      return firstOf("ecr:UploadLayerPart", pushActions);
    case "upload-finish":
      return firstOf("ecr:CompleteLayerUpload", pushActions);
    default:
      return kind satisfies never;
  }
}

/**
 * What to grant, where: the caller's identity policy, and across accounts the repository's policy as well.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html}
 */
export function describeDenied(kind: RequestKind, repository: string, options: EcrHintOptions): string {
  const { host, identity } = options;
  const callerAccount = options.callerAccount?.();
  if (host.public) return `Log in to ${host.host} is not supported: only what everybody may read can be had`;
  const grant = `Allow ${actionsFor(kind).join(", ")} on ${repositoryArn(host, repository)}`;
  const own = `in the identity policy of ${identity}`;
  if (callerAccount === host.accountId) return `${grant} ${own}`;
  const resource = `in the policy of repository ${repository} in account ${host.accountId}`;
  if (callerAccount !== undefined) {
    return `${grant} both ${own} and, for account ${callerAccount}, ${resource}`;
  }
  return `${grant} ${own}; if that is of another account than ${host.accountId}, also ${resource}`;
}

/** The command that makes a repository, ready to paste. */
export function describeMissingRepository(host: EcrRegistryHost, repository: string): string {
  if (host.public) return "Correct the image's name: the public gallery has no such repository";
  return `Create it: aws ecr create-repository --registry-id ${host.accountId} --region ${host.region} --repository-name ${repository}; or promote with --create-repositories`;
}

function firstOf(likely: string, actions: readonly string[]): readonly string[] {
  return [likely, ...actions.filter((action) => action !== likely)];
}
