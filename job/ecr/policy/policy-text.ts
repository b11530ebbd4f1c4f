import { PromoterError } from "../../error.ts";
import type { PolicyDocument } from "./policy-document.ts";

/**
 * The most characters that ECR takes for a repository's or a registry's policy, white space included.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html}
 */
export const resourcePolicyLimit = 10_240;

/** The most characters, without white space, of a customer managed policy of IAM. */
export const managedPolicyLimit = 6_144;

/** The most characters, without white space, of a role's trust policy, unless the quota was raised. */
export const trustPolicyLimit = 2_048;

/**
 * The policy as it is sent: without white space, which would count.
 *
 * @param subject what the policy is for, for the message: `the policy of …/team/app`.
 * @throws {PromoterError} `InvalidConfiguration` when it has more characters than `limit`.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html}
 */
export function policyText(policy: PolicyDocument, subject: string, limit = resourcePolicyLimit): string {
  const text = JSON.stringify(policy);
  if (text.length <= limit) return text;
  throw new PromoterError(
    "InvalidConfiguration",
    `Cannot use ${subject}: it would have ${text.length} characters, and AWS takes ${limit}`,
    {
      hint: "Name an organization in place of many principals, name repositories by a pattern, or remove statements that nobody needs",
    },
  );
}
