import { describe, expect, it } from "vitest";
import { authorize } from "../emulator/iam/authorize.ts";
import { readPolicyDocument } from "../emulator/iam/policy-document.ts";
import type { Principal } from "../emulator/identity.ts";
import {
  decide,
  deny,
  dev,
  grant,
  prod,
  pull,
  type Row,
  repository,
  roleArn,
  session,
  sessionArn,
  user,
  when,
} from "./iam-truth-table.ts";

const elements: readonly Row[] = [
  {
    case: "action wildcard",
    who: user(dev),
    identity: [pull("Allow", { Action: "ecr:Batch*" })],
    expected: "allowed",
  },
  {
    case: "action without regard to case",
    who: user(dev),
    identity: [pull("Allow", { Action: "ECR:batchgetimage" })],
    expected: "allowed",
  },
  {
    case: "action with a question mark",
    who: user(dev),
    identity: [pull("Allow", { Action: "ecr:BatchGetImag?" })],
    expected: "allowed",
  },
  { case: "every action", who: user(dev), identity: [pull("Allow", { Action: "*" })], expected: "allowed" },
  {
    case: "NotAction of another action allows",
    who: user(dev),
    identity: [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }],
    expected: "allowed",
  },
  {
    case: "NotAction of this one does not",
    who: user(dev),
    identity: [{ Effect: "Allow", NotAction: ["iam:*", "ecr:*"], Resource: "*" }],
    expected: "identity-policy",
  },
  {
    case: "resource wildcard",
    who: user(dev),
    identity: [pull("Allow", { Resource: `arn:aws:ecr:*:${dev}:repository/team/*` })],
    expected: "allowed",
  },
  {
    case: "resource with regard to case",
    who: user(dev),
    identity: [pull("Allow", { Resource: repository.toUpperCase().replace("ARN", "arn") })],
    expected: "identity-policy",
  },
  {
    case: "NotResource of this repository",
    who: user(dev),
    identity: [{ Effect: "Allow", Action: "ecr:*", NotResource: "*:repository/team/*" }],
    expected: "identity-policy",
  },
  {
    case: "NotResource of another",
    who: user(dev),
    identity: [{ Effect: "Allow", Action: "ecr:*", NotResource: "*:repository/other" }],
    expected: "allowed",
  },
  {
    case: "NotPrincipal denies everybody else",
    who: user(dev),
    identity: [pull("Allow")],
    resource: [{ Effect: "Deny", Action: "ecr:*", NotPrincipal: { AWS: roleArn(dev) } }],
    expected: "explicit-deny",
  },
  {
    case: "NotPrincipal spares who is named with its account",
    who: user(dev),
    identity: [pull("Allow")],
    resource: [{ Effect: "Deny", Action: "ecr:*", NotPrincipal: { AWS: [user(dev).arn, dev] } }],
    expected: "allowed",
  },
  {
    case: "NotPrincipal does not spare a session by its role alone",
    who: session(dev),
    identity: [pull("Allow")],
    resource: [{ Effect: "Deny", Action: "ecr:*", NotPrincipal: { AWS: [roleArn(dev), dev] } }],
    expected: "explicit-deny",
  },
  {
    case: "NotPrincipal spares account, role and session",
    who: session(dev),
    identity: [pull("Allow")],
    resource: [
      { Effect: "Deny", Action: "ecr:*", NotPrincipal: { AWS: [roleArn(dev), dev, sessionArn(dev)] } },
    ],
    expected: "allowed",
  },
  {
    case: "a policy variable in the resource",
    who: user(dev),
    identity: [pull("Allow", { Resource: `arn:aws:ecr:*:*:repository/\${aws:PrincipalTag/team}/*` })],
    context: { "aws:PrincipalTag/team": "team" },
    expected: "allowed",
  },
  {
    case: "a variable's value is no pattern",
    who: user(dev),
    identity: [pull("Allow", { Resource: `arn:aws:ecr:*:*:repository/\${aws:PrincipalTag/team}` })],
    context: { "aws:PrincipalTag/team": "*" },
    expected: "identity-policy",
  },
  {
    case: "a variable without a value",
    who: user(dev),
    identity: [pull("Allow", { Resource: `*:repository/\${aws:PrincipalTag/team}*` })],
    expected: "identity-policy",
  },
  {
    case: "variables are plain text in the old version",
    who: user(dev),
    version: "2008-10-17",
    identity: [pull("Allow", { Resource: `arn:aws:ecr:*:*:repository/\${aws:PrincipalTag/team}/*` })],
    context: { "aws:PrincipalTag/team": "team" },
    expected: "identity-policy",
  },
];

const conditions: readonly Row[] = [
  {
    case: "organization, right",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant("*", when("StringEquals", "aws:PrincipalOrgID", "o-1"))],
    context: { "aws:PrincipalOrgID": "o-1" },
    expected: "allowed",
  },
  {
    case: "organization, wrong",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant("*", when("StringEquals", "aws:PrincipalOrgID", "o-1"))],
    context: { "aws:PrincipalOrgID": "o-2" },
    expected: "resource-policy",
  },
  {
    case: "organization, none",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant("*", when("StringEquals", "aws:PrincipalOrgID", "o-1"))],
    expected: "resource-policy",
  },
  {
    case: "an unknown operator does not allow",
    who: user(dev),
    identity: [pull("Allow", when("StringResembles", "aws:SourceIp", "x"))],
    expected: "identity-policy",
  },
  {
    case: "an unknown operator denies",
    who: user(dev),
    identity: [pull("Allow"), pull("Deny", when("StringResembles", "aws:SourceIp", "x"))],
    expected: "explicit-deny",
  },
  {
    case: "an unknown operator beside a condition that fails",
    who: user(dev),
    identity: [
      pull("Allow"),
      pull("Deny", {
        Condition: { StringResembles: { "aws:SourceIp": "x" }, Bool: { "aws:SecureTransport": "false" } },
      }),
    ],
    context: { "aws:SecureTransport": "true" },
    expected: "allowed",
  },
  {
    case: "all conditions must hold",
    who: user(dev),
    identity: [pull("Allow", { Condition: { StringEquals: { a: "1", b: "2" } } })],
    context: { a: "1", b: "3" },
    expected: "identity-policy",
  },
  {
    case: "deny without TLS",
    who: user(dev),
    identity: [pull("Allow")],
    resource: [deny("*", when("Bool", "aws:SecureTransport", "false"))],
    context: { "aws:SecureTransport": "false" },
    expected: "explicit-deny",
  },
];

describe.each([
  ["elements", elements],
  ["conditions", conditions],
] as const)("authorize: %s", (_, rows) => {
  it.each(rows)("$case: $expected", (row) => {
    const decision = decide(row);
    expect(decision.reason).toBe(row.expected);
    expect(decision.allowed).toBe(row.expected === "allowed");
    if (row.by !== undefined) expect(decision.policyType).toBe(row.by);
  });
});

describe("authorize: web identity", () => {
  const provider = `arn:aws:iam::${dev}:oidc-provider/oidc.example/id`;
  const bearer: Principal = {
    kind: "web-identity",
    arn: provider,
    accountId: "",
    federatedProvider: provider,
  };
  const trust = (subject: string) =>
    readPolicyDocument(
      {
        Statement: {
          Effect: "Allow",
          Action: "sts:AssumeRoleWithWebIdentity",
          Principal: { Federated: provider },
          Condition: { StringEquals: { "oidc.example/id:sub": subject } },
        },
      },
      "trust",
    );
  const request = {
    principal: bearer,
    action: "sts:AssumeRoleWithWebIdentity",
    resource: roleArn(dev),
    resourceAccountId: dev,
    context: { "oidc.example/id:sub": "system:serviceaccount:argocd:promoter" },
  };

  it("is allowed by the trust policy alone", () => {
    const resourcePolicy = trust("system:serviceaccount:argocd:promoter");
    expect(authorize(request, { identityPolicies: [], resourcePolicy }).allowed).toBe(true);
  });

  it("is refused with another subject", () => {
    const resourcePolicy = trust("system:serviceaccount:default:other");
    expect(authorize(request, { identityPolicies: [], resourcePolicy }).allowed).toBe(false);
  });
});
