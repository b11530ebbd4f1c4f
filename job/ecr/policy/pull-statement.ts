import { PromoterError } from "../../error.ts";
import type { OwnedStatement } from "./policy-document.ts";

/** Who may pull: accounts and roles by ARN, or whoever belongs to an organization. */
export type Pullers = { readonly principals: readonly string[] } | { readonly organization: string };

export interface PullStatementOptions {
  /** By which the statement is known again. Default `ImagePromoterPull`. */
  readonly sid?: string;
  /** Whether to allow what `plan` and `doctor` ask of a source besides. Default false. */
  readonly reads?: boolean;
  /** Whether to allow what a gate of scan findings asks. Default false. */
  readonly scans?: boolean;
}

/** The Sid of the statement unless another is wanted. */
export const pullSid = "ImagePromoterPull";

/**
 * What a pull takes: manifests (referrers among them) and blobs.
 * {@link https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEC2ContainerRegistryPullOnly.html}
 */
export const pullActions: readonly string[] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/** Whether a source image is archived: for `plan` and `doctor`. */
export const sourceReadActions: readonly string[] = ["ecr:DescribeImages"];

/** What scans have found in images. */
export const scanActions: readonly string[] = ["ecr:DescribeImageScanFindings"];

/**
 * The statement of a source repository's policy that lets others pull. The identities of those accounts need the same
 * actions in their own policies; a statement for a whole account or organization only hands the decision to them.
 *
 * A role must exist when ECR is given the policy, and one that is made anew is another role; an account always exists.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html}
 */
export function pullStatement(pullers: Pullers, options: PullStatementOptions = {}): OwnedStatement {
  const { sid = pullSid, reads = false, scans = false } = options;
  const action = [...pullActions, ...(reads ? sourceReadActions : []), ...(scans ? scanActions : [])];
  if ("organization" in pullers) {
    return {
      Sid: sid,
      Effect: "Allow",
      Principal: "*",
      Action: action,
      Condition: { StringEquals: { "aws:PrincipalOrgID": pullers.organization } },
    };
  }
  const AWS = [...new Set(pullers.principals)];
  return { Sid: sid, Effect: "Allow", Principal: { AWS }, Action: action };
}

/**
 * Reads a principal: an account's number, or the ARN of an account's root, a role or a user.
 *
 * @returns its ARN.
 * @throws {PromoterError} `Usage` for anything else; ECR takes no wildcards here.
 */
export function parsePrincipal(text: string, partition: string): string {
  if (/^\d{12}$/.test(text)) return accountArn(text, partition);
  if (/^arn:aws[a-z-]*:iam::\d{12}:(?:root|(?:role|user)\/[\w+=,.@/-]+)$/.test(text)) return text;
  throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} is no principal`, {
    hint: "Write an account's 12 digits, or the ARN of a role: arn:aws:iam::222222222222:role/image-promoter",
  });
}

/** The ARN by which policies name a whole account. */
export function accountArn(accountId: string, partition: string): string {
  return `arn:${partition}:iam::${accountId}:root`;
}

/** Reads the id of an organization. @throws {PromoterError} `Usage` for anything else. */
export function parseOrganization(text: string): string {
  if (/^o-[a-z0-9]{10,32}$/.test(text)) return text;
  throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} is no id of an organization`, {
    hint: "Write the id that aws organizations describe-organization tells: o-a1b2c3d4e5",
  });
}

/** Reads a Sid. @throws {PromoterError} `Usage` for what IAM would not take. */
export function parseSid(text: string): string {
  if (/^[A-Za-z0-9]{1,100}$/.test(text)) return text;
  throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} is no Sid`, {
    hint: `Write letters and digits only: ${pullSid}`,
  });
}
