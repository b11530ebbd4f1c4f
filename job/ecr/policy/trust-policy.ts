import { PromoterError } from "../../error.ts";
import { type PolicyDocument, policyOf } from "./policy-document.ts";

/** The ServiceAccount of the Job's pod. */
export interface PodServiceAccount {
  readonly namespace: string;
  readonly serviceAccount: string;
}

export interface IrsaTrust extends PodServiceAccount {
  readonly partition: string;
  /** The role's account, in which the provider is registered. */
  readonly accountId: string;
  /** The cluster's issuer, with or without `https://`, or the ARN of its provider. */
  readonly oidcProvider: string;
  /** Default `sts.amazonaws.com`. */
  readonly audience?: string;
}

/**
 * Trust of a role by IAM roles for service accounts: one ServiceAccount of one cluster.
 *
 * @throws {PromoterError} `Usage` when the provider is none.
 * {@link https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html}
 */
export function irsaTrustPolicy(trust: IrsaTrust): PolicyDocument {
  const { partition, accountId, namespace, serviceAccount, audience = "sts.amazonaws.com" } = trust;
  const { issuer } = parseOidcProvider(trust.oidcProvider);
  return policyOf({
    Effect: "Allow",
    Principal: { Federated: `arn:${partition}:iam::${accountId}:oidc-provider/${issuer}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: audience,
        [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${serviceAccount}`,
      },
    },
  });
}

/**
 * Reads an issuer's address, with or without scheme, or the ARN of a provider.
 *
 * @returns the issuer without scheme, and the account of an ARN.
 * @throws {PromoterError} `Usage`
 */
export function parseOidcProvider(text: string): { readonly issuer: string; readonly accountId?: string } {
  const arn = /^arn:[a-z-]+:iam::(\d{12}):oidc-provider\/(.+)$/.exec(text);
  const issuer = (arn?.[2] ?? text.replace(/^https:\/\//, "")).replace(/\/$/, "");
  if (!/^[A-Za-z0-9.-]+(?::\d+)?(?:\/[\w.~/-]+)?$/.test(issuer) || !issuer.includes(".")) {
    throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} is no OIDC provider`, {
      hint: "Write what this tells: aws eks describe-cluster --name CLUSTER --query cluster.identity.oidc.issuer",
    });
  }
  return { issuer, ...(arn?.[1] !== undefined && { accountId: arn[1] }) };
}

export interface PodIdentityTrust extends PodServiceAccount {
  /** The one cluster whose pods may use the role; any of the account where absent. */
  readonly clusterArn?: string;
  /** What EKS must have been called for, as `aws:SourceAccount`. */
  readonly sourceAccountId?: string;
}

/**
 * Trust of a role by EKS Pod Identity: one ServiceAccount, told by the session tags that EKS sets, optionally of one
 * cluster.
 * {@link https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html}
 */
export function podIdentityTrustPolicy(trust: PodIdentityTrust): PolicyDocument {
  const { namespace, serviceAccount, clusterArn, sourceAccountId } = trust;
  return policyOf({
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: {
      StringEquals: {
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": serviceAccount,
        ...(clusterArn !== undefined && { "aws:RequestTag/eks-cluster-arn": clusterArn }),
        ...(sourceAccountId !== undefined && { "aws:SourceAccount": sourceAccountId }),
      },
    },
  });
}

/** What taking on another role needs; the tags of EKS Pod Identity's sessions always go along. */
export function assumeRoleActions(passesTags: boolean): readonly string[] {
  return passesTags ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];
}

/**
 * Trust of a source account's role: the Job's roles may take it on.
 * {@link https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html}
 */
export function assumeRoleTrustPolicy(options: {
  /** ARNs of the Job's roles. */
  readonly principals: readonly string[];
  /** Whether their sessions have tags that go along. Default false. */
  readonly passesTags?: boolean;
  /** Which they then have to tell. */
  readonly externalId?: string;
}): PolicyDocument {
  const { principals, passesTags = false, externalId } = options;
  return policyOf({
    Effect: "Allow",
    Principal: { AWS: principals },
    Action: assumeRoleActions(passesTags),
    ...(externalId !== undefined && { Condition: { StringEquals: { "sts:ExternalId": externalId } } }),
  });
}
