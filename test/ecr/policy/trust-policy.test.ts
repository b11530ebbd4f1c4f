import { describe, expect, it } from "vitest";
import {
  assumeRoleTrustPolicy,
  irsaTrustPolicy,
  parseOidcProvider,
  podIdentityTrustPolicy,
} from "../../../job/ecr/policy/trust-policy.ts";

const pod = { namespace: "argocd", serviceAccount: "image-promoter" };
const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/ABC";

describe("trust by IRSA", () => {
  it.each([
    issuer,
    `https://${issuer}`,
    `https://${issuer}/`,
    `arn:aws:iam::222222222222:oidc-provider/${issuer}`,
  ])("of %s is one ServiceAccount's", (oidcProvider) => {
    expect(
      irsaTrustPolicy({ ...pod, partition: "aws", accountId: "222222222222", oidcProvider }).Statement,
    ).toEqual([
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::222222222222:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: "system:serviceaccount:argocd:image-promoter",
          },
        },
      },
    ]);
  });

  it("takes another audience", () => {
    const trust = { ...pod, partition: "aws-cn", accountId: "222222222222", oidcProvider: issuer };
    const [statement] = irsaTrustPolicy({ ...trust, audience: "sts.amazonaws.com.cn" }).Statement;
    expect(statement?.Condition?.StringEquals?.[`${issuer}:aud`]).toBe("sts.amazonaws.com.cn");
    expect(statement?.Principal).toEqual({
      Federated: `arn:aws-cn:iam::222222222222:oidc-provider/${issuer}`,
    });
  });

  it("tells the account of an ARN", () => {
    expect(parseOidcProvider(`arn:aws:iam::222222222222:oidc-provider/${issuer}`)).toEqual({
      issuer,
      accountId: "222222222222",
    });
  });

  it.each([
    "",
    "cluster",
    "http://oidc.example.com",
    "oidc.example.com/*",
    'oidc.example.com/"',
    "*.example.com",
  ])("refuses %j", (text) => {
    expect(() => parseOidcProvider(text)).toThrow(expect.objectContaining({ code: "Usage" }));
  });
});

describe("trust by Pod Identity", () => {
  it("is one ServiceAccount's, by the tags of its session", () => {
    expect(podIdentityTrustPolicy(pod).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/kubernetes-namespace": "argocd",
            "aws:RequestTag/kubernetes-service-account": "image-promoter",
          },
        },
      },
    ]);
  });

  it("can be one cluster's and one account's", () => {
    const clusterArn = "arn:aws:eks:eu-west-1:222222222222:cluster/prod";
    const [statement] = podIdentityTrustPolicy({
      ...pod,
      clusterArn,
      sourceAccountId: "222222222222",
    }).Statement;
    expect(statement?.Condition?.StringEquals).toMatchObject({
      "aws:RequestTag/eks-cluster-arn": clusterArn,
      "aws:SourceAccount": "222222222222",
    });
  });
});

describe("trust of a source's role", () => {
  const principals = ["arn:aws:iam::222222222222:role/image-promoter"];

  it("is the Job's role's", () => {
    expect(assumeRoleTrustPolicy({ principals }).Statement).toEqual([
      { Effect: "Allow", Principal: { AWS: principals }, Action: ["sts:AssumeRole"] },
    ]);
  });

  it("asks for an external id, and takes the tags of Pod Identity along", () => {
    expect(
      assumeRoleTrustPolicy({ principals, externalId: "secret-42", passesTags: true }).Statement,
    ).toMatchObject([
      {
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: { StringEquals: { "sts:ExternalId": "secret-42" } },
      },
    ]);
  });
});
