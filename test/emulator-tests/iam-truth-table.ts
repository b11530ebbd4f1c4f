import { type ApplicablePolicies, authorize, type Decision } from "../emulator/iam/authorize.ts";
import type { ConditionContext } from "../emulator/iam/conditions.ts";
import { readPolicyDocument } from "../emulator/iam/policy-document.ts";
import type { Principal } from "../emulator/identity.ts";

export const dev = "111122223333";
export const prod = "444455556666";
export const repository = `arn:aws:ecr:eu-west-1:${dev}:repository/team/app`;
export const roleArn = (account: string) => `arn:aws:iam::${account}:role/deploy/Promoter`;
export const sessionArn = (account: string) => `arn:aws:sts::${account}:assumed-role/Promoter/job`;
export const session = (account: string): Principal => ({
  kind: "assumed-role",
  arn: sessionArn(account),
  accountId: account,
  roleArn: roleArn(account),
});
export const user = (account: string): Principal => ({
  kind: "user",
  arn: `arn:aws:iam::${account}:user/ann`,
  accountId: account,
});
export const root = (account: string): Principal => ({
  kind: "root",
  arn: `arn:aws:iam::${account}:root`,
  accountId: account,
});

/** One line of a truth table: who asks under which policies, and what IAM says. */
export interface Row {
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

export const pull = (effect: "Allow" | "Deny", rest: object = {}) => ({
  Effect: effect,
  Action: "ecr:BatchGetImage",
  Resource: "*",
  ...rest,
});
export const grant = (aws: string | readonly string[], rest: object = {}) => ({
  Effect: "Allow",
  Action: "ecr:BatchGetImage",
  Principal: aws === "*" ? "*" : { AWS: aws },
  ...rest,
});
export const deny = (aws: string, rest: object = {}) => ({ ...grant(aws, rest), Effect: "Deny" });
export const when = (operator: string, key: string, value: unknown) => ({
  Condition: { [operator]: { [key]: value } },
});

/** Decides a row for `ecr:BatchGetImage` on a repository of the account `dev`. */
export function decide(row: Row): Decision {
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
