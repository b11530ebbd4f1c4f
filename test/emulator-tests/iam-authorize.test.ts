import { describe, expect, it } from "vitest";
import { type ApplicablePolicies, authorize, type Decision } from "../emulator/iam/authorize.ts";
import type { ConditionContext } from "../emulator/iam/conditions.ts";
import { readPolicyDocument } from "../emulator/iam/policy-document.ts";
import type { Principal } from "../emulator/identity.ts";

const dev = "111122223333";
const prod = "444455556666";
const repository = `arn:aws:ecr:eu-west-1:${dev}:repository/team/app`;
const roleArn = (account: string) => `arn:aws:iam::${account}:role/deploy/Promoter`;
const sessionArn = (account: string) => `arn:aws:sts::${account}:assumed-role/Promoter/job`;
const session = (account: string): Principal => ({
  kind: "assumed-role",
  arn: sessionArn(account),
  accountId: account,
  roleArn: roleArn(account),
});
const user = (account: string): Principal => ({
  kind: "user",
  arn: `arn:aws:iam::${account}:user/ann`,
  accountId: account,
});
const root = (account: string): Principal => ({
  kind: "root",
  arn: `arn:aws:iam::${account}:root`,
  accountId: account,
});

interface Row {
  readonly case: string;
  readonly who: Principal;
  /** Statements of the one identity policy. */
  readonly identity?: readonly object[];
  /** Statements of the repository policy; none where absent. */
  readonly resource?: readonly object[];
  readonly boundary?: readonly object[];
  readonly session?: readonly object[];
  readonly required?: boolean;
  readonly action?: string;
  readonly context?: ConditionContext;
  readonly version?: string;
  readonly expected: Decision["reason"];
  readonly by?: Decision["policyType"];
}

const pull = (effect: "Allow" | "Deny", rest: object = {}) => ({
  Effect: effect,
  Action: "ecr:BatchGetImage",
  Resource: "*",
  ...rest,
});
const grant = (aws: string | readonly string[], rest: object = {}) => ({
  Effect: "Allow",
  Action: "ecr:BatchGetImage",
  Principal: aws === "*" ? "*" : { AWS: aws },
  ...rest,
});
const deny = (aws: string, rest: object = {}) => ({ ...grant(aws, rest), Effect: "Deny" });
const when = (operator: string, key: string, value: unknown) => ({
  Condition: { [operator]: { [key]: value } },
});

const sameAccount: readonly Row[] = [
  { case: "no policy at all", who: user(dev), expected: "identity-policy" },
  { case: "identity alone", who: user(dev), identity: [pull("Allow")], expected: "allowed", by: "identity" },
  {
    case: "identity alone beside a resource policy that names others",
    who: user(dev),
    identity: [pull("Allow")],
    resource: [grant(roleArn(prod))],
    expected: "allowed",
  },
  {
    case: "resource alone, the user",
    who: user(dev),
    resource: [grant(user(dev).arn)],
    expected: "allowed",
    by: "resource",
  },
  {
    case: "resource alone, the role of a session",
    who: session(dev),
    resource: [grant(roleArn(dev))],
    expected: "allowed",
  },
  {
    case: "resource alone, the session",
    who: session(dev),
    resource: [grant(sessionArn(dev))],
    expected: "allowed",
  },
  { case: "resource alone, everybody", who: session(dev), resource: [grant("*")], expected: "allowed" },
  {
    case: "resource alone, the account's root: delegates only",
    who: user(dev),
    resource: [grant(root(dev).arn)],
    expected: "identity-policy",
  },
  {
    case: "resource alone, the account id: delegates only",
    who: user(dev),
    resource: [grant(dev)],
    expected: "identity-policy",
  },
  {
    case: "another session of the role",
    who: session(dev),
    resource: [grant(`arn:aws:sts::${dev}:assumed-role/Promoter/other`)],
    expected: "identity-policy",
  },
  { case: "root needs no policy", who: root(dev), expected: "allowed" },
  {
    case: "root is denied by the resource",
    who: root(dev),
    resource: [deny("*")],
    expected: "explicit-deny",
    by: "resource",
  },
  {
    case: "deny in the identity beats allow in the resource",
    who: user(dev),
    identity: [pull("Deny")],
    resource: [grant(user(dev).arn)],
    expected: "explicit-deny",
    by: "identity",
  },
  {
    case: "deny in the resource beats allow in the identity",
    who: user(dev),
    identity: [pull("Allow")],
    resource: [deny(dev)],
    expected: "explicit-deny",
    by: "resource",
  },
  {
    case: "a trust policy must allow: identity alone is not enough",
    who: user(dev),
    identity: [pull("Allow")],
    required: true,
    expected: "resource-policy",
  },
  {
    case: "a trust policy that names the account, with the right",
    who: user(dev),
    identity: [pull("Allow")],
    resource: [grant(dev)],
    required: true,
    expected: "allowed",
  },
  {
    case: "a trust policy that names the account, without the right",
    who: user(dev),
    resource: [grant(dev)],
    required: true,
    expected: "identity-policy",
  },
  {
    case: "a trust policy that names the user is enough",
    who: user(dev),
    resource: [grant(user(dev).arn)],
    required: true,
    expected: "allowed",
  },
];

const acrossAccounts: readonly Row[] = [
  { case: "neither side", who: session(prod), expected: "identity-policy" },
  {
    case: "identity alone",
    who: session(prod),
    identity: [pull("Allow")],
    expected: "resource-policy",
    by: "resource",
  },
  {
    case: "resource alone",
    who: session(prod),
    resource: [grant(roleArn(prod))],
    expected: "identity-policy",
    by: "identity",
  },
  {
    case: "resource alone, everybody",
    who: session(prod),
    resource: [grant("*")],
    expected: "identity-policy",
  },
  {
    case: "both, account id",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(prod)],
    expected: "allowed",
  },
  {
    case: "both, root",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(root(prod).arn)],
    expected: "allowed",
  },
  {
    case: "both, role",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(roleArn(prod))],
    expected: "allowed",
  },
  {
    case: "both, session",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(sessionArn(prod))],
    expected: "allowed",
  },
  {
    case: "both, everybody",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant("*")],
    expected: "allowed",
  },
  {
    case: "a role of another path is another role",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(`arn:aws:iam::${prod}:role/Promoter`)],
    expected: "resource-policy",
  },
  {
    case: "the resource's own account is named, not the caller's",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(dev)],
    expected: "resource-policy",
  },
  {
    case: "resource denies",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(prod), deny(prod)],
    expected: "explicit-deny",
  },
  {
    case: "identity denies",
    who: session(prod),
    identity: [pull("Allow"), pull("Deny")],
    resource: [grant(prod)],
    expected: "explicit-deny",
    by: "identity",
  },
  { case: "a foreign root with a grant", who: root(prod), resource: [grant(prod)], expected: "allowed" },
  { case: "a foreign root without one", who: root(prod), expected: "resource-policy" },
  {
    case: "identity restricted to another repository",
    who: session(prod),
    identity: [pull("Allow", { Resource: `${repository}-other` })],
    resource: [grant(prod)],
    expected: "identity-policy",
  },
];

const narrowing: readonly Row[] = [
  {
    case: "boundary without the action",
    who: user(dev),
    identity: [pull("Allow")],
    boundary: [pull("Allow", { Action: "s3:*" })],
    expected: "permissions-boundary-policy",
  },
  {
    case: "boundary with the action",
    who: user(dev),
    identity: [pull("Allow")],
    boundary: [pull("Allow")],
    expected: "allowed",
  },
  {
    case: "boundary alone grants nothing",
    who: user(dev),
    boundary: [pull("Allow")],
    expected: "identity-policy",
  },
  {
    case: "boundary denies",
    who: user(dev),
    resource: [grant(user(dev).arn)],
    boundary: [pull("Deny")],
    expected: "explicit-deny",
    by: "permissions-boundary",
  },
  {
    case: "a grant to the user itself passes by the boundary",
    who: user(dev),
    resource: [grant(user(dev).arn)],
    boundary: [pull("Allow", { Action: "s3:*" })],
    expected: "allowed",
  },
  {
    case: "a grant to the role does not",
    who: session(dev),
    resource: [grant(roleArn(dev))],
    boundary: [pull("Allow", { Action: "s3:*" })],
    expected: "permissions-boundary-policy",
  },
  {
    case: "session policy without the action",
    who: session(dev),
    identity: [pull("Allow")],
    session: [pull("Allow", { Action: "s3:*" })],
    expected: "session-policy",
  },
  {
    case: "session policy with the action",
    who: session(dev),
    identity: [pull("Allow")],
    session: [pull("Allow")],
    expected: "allowed",
  },
  {
    case: "a grant to the session itself passes by its session policy",
    who: session(dev),
    resource: [grant(sessionArn(dev))],
    session: [pull("Allow", { Action: "s3:*" })],
    expected: "allowed",
  },
  {
    case: "across accounts it does not",
    who: session(prod),
    identity: [pull("Allow")],
    resource: [grant(sessionArn(prod))],
    session: [pull("Allow", { Action: "s3:*" })],
    expected: "session-policy",
  },
];

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

function decide(row: Row): Decision {
  const document = (kind: "identity" | "resource", statements: readonly object[] | undefined) =>
    statements && readPolicyDocument({ Version: row.version ?? "2012-10-17", Statement: statements }, kind);
  const policies: ApplicablePolicies = {
    identityPolicies: [document("identity", row.identity) ?? []].flat(),
    resourcePolicy: document("resource", row.resource),
    permissionsBoundary: document("identity", row.boundary),
    sessionPolicies: [document("identity", row.session) ?? []].flat(),
    resourcePolicyRequired: row.required ?? false,
  };
  return authorize(
    {
      principal: row.who,
      action: row.action ?? "ecr:BatchGetImage",
      resource: repository,
      resourceAccountId: dev,
      context: row.context ?? {},
    },
    policies,
  );
}

describe.each([
  ["within one account", sameAccount],
  ["across accounts", acrossAccounts],
  ["boundary and session policies", narrowing],
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
