import type { Principal } from "../identity.ts";
import type { Store } from "../store.ts";
import { authorize, type Decision, type PolicyType } from "./authorize.ts";
import type { ConditionContext } from "./conditions.ts";
import { type PolicyDocument, parsePolicyDocument, readPolicyDocument } from "./policy-document.ts";
import { principalKeys } from "./principal-keys.ts";

export interface AccessCheck {
  readonly principal: Principal;
  /** `ecr:BatchGetImage`. */
  readonly action: string;
  /** An ARN, or `*` for actions that have no resource. */
  readonly resource: string;
  /** The account that owns the resource; for `*` the caller's. */
  readonly resourceAccountId: string;
  /** The policy of the resource, where it has one. */
  readonly resourcePolicyText?: string | undefined;
  /** Of a role in place of that: the policy that must allow also within the role's own account. */
  readonly trustPolicy?: object;
  /** Keys of the request besides those of its principal: `aws:SourceIp`, `aws:SecureTransport`, `aws:RequestTag/…`. */
  readonly context?: ConditionContext;
}

/** Evaluates what the store's identities and the given resource policy say of a request. */
export function checkAccess(store: Store, check: AccessCheck): Decision {
  const { principal, trustPolicy, context } = check;
  const identity = store.identityOf(principal);
  const { sessionPolicy } = principal;
  return authorize(
    { ...check, context: { ...principalKeys(store, principal), ...requestKeys(store, check), ...context } },
    {
      identityPolicies: (identity?.policies ?? []).map((policy) => readPolicyDocument(policy, "identity")),
      resourcePolicy: readResourcePolicy(check),
      resourcePolicyRequired: trustPolicy !== undefined,
      permissionsBoundary:
        identity?.permissionsBoundary && readPolicyDocument(identity.permissionsBoundary, "identity"),
      sessionPolicies: sessionPolicy === undefined ? [] : [readPolicyDocument(sessionPolicy, "identity")],
    },
  );
}

function readResourcePolicy({ resourcePolicyText, trustPolicy }: AccessCheck): PolicyDocument | undefined {
  if (trustPolicy !== undefined) return readPolicyDocument(trustPolicy, "trust");
  return resourcePolicyText === undefined ? undefined : parsePolicyDocument(resourcePolicyText, "resource");
}

/**
 * The sentence of AWS's AccessDenied errors.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html}
 */
export function describeDenial(check: AccessCheck, decision: Decision): string {
  const { principal, action, resource } = check;
  const policy = policyNames[decision.policyType];
  const article = decision.policyType === "identity" ? "an" : "a";
  const why =
    decision.reason === "explicit-deny"
      ? `with an explicit deny in ${article} ${policy}`
      : `because no ${policy} allows the ${action} action`;
  return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}

const policyNames: Readonly<Record<PolicyType, string>> = {
  identity: "identity-based policy",
  resource: "resource-based policy",
  "permissions-boundary": "permissions boundary",
  session: "session policy",
};

function requestKeys(store: Store, check: AccessCheck): Record<string, string> {
  const now = store.clock.now();
  return {
    "aws:CurrentTime": new Date(now).toISOString(),
    "aws:EpochTime": String(Math.floor(now / 1000)),
    "aws:ResourceAccount": check.resourceAccountId,
  };
}
