import type { Principal } from "../identity.ts";
import { type ConditionContext, contextValues, evaluateConditions } from "./conditions.ts";
import type { PolicyDocument, Statement } from "./policy-document.ts";
import { matchPrincipal, type PrincipalMatch, sparesPrincipal } from "./principal-element.ts";
import { matchesWildcard, type Variables } from "./wildcard.ts";

export interface AccessRequest {
  readonly principal: Principal;
  /** `ecr:BatchGetImage`. */
  readonly action: string;
  /** An ARN, or `*` for actions that have no resource. */
  readonly resource: string;
  /** The account that owns the resource. */
  readonly resourceAccountId: string;
  /** Condition keys of the principal (`aws:PrincipalOrgID`) and of the request (`aws:SourceIp`, `aws:RequestTag/…`). */
  readonly context?: ConditionContext;
}

export interface ApplicablePolicies {
  readonly identityPolicies: readonly PolicyDocument[];
  readonly resourcePolicy?: PolicyDocument | undefined;
  readonly permissionsBoundary?: PolicyDocument | undefined;
  readonly sessionPolicies?: readonly PolicyDocument[] | undefined;
  /**
   * True where the resource policy must allow also within its own account, as a role's trust policy must. Elsewhere
   * an identity policy is enough there.
   */
  readonly resourcePolicyRequired?: boolean;
}

export type PolicyType = "identity" | "resource" | "permissions-boundary" | "session";

export interface Decision {
  readonly allowed: boolean;
  /** What allowed it, denied it explicitly, or is the policy that should have allowed it. */
  readonly reason: "allowed" | "explicit-deny" | `${PolicyType}-policy`;
  readonly policyType: PolicyType;
  /** The statement that decided, where one did. */
  readonly statement?: Statement;
}

interface Evaluation extends AccessRequest {
  readonly keys: ConditionContext;
}

interface Grant {
  readonly statement: Statement;
  readonly match: PrincipalMatch;
}

/**
 * Decides as IAM does: an explicit deny in any policy wins; in the resource's own account the identity's or the
 * resource's policy must allow, across accounts both; boundary and session policies only ever take away. An account's
 * root needs no identity policy.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html}
 */
export function authorize(request: AccessRequest, policies: ApplicablePolicies): Decision {
  const evaluation = { ...request, keys: request.context ?? {} };
  const documents = documentsByType(policies);
  for (const [policyType, members] of documents) {
    const denied = findStatement(members, "Deny", evaluation, policyType);
    if (denied) return { allowed: false, reason: "explicit-deny", policyType, statement: denied.statement };
  }
  const granted = findStatement(documents.get("resource") ?? [], "Allow", evaluation, "resource");
  const isSameAccount = request.principal.accountId === request.resourceAccountId;
  if (granted !== undefined && isGrantedDirectly(granted, request.principal, isSameAccount)) {
    return allowedBy("resource", granted.statement);
  }
  const byResource = granted !== undefined && isSameAccount && granted.match !== "account";
  const identity = findStatement(policies.identityPolicies, "Allow", evaluation, "identity");
  if (!byResource && identity === undefined && request.principal.kind !== "root") return missing("identity");
  if (granted === undefined && (!isSameAccount || policies.resourcePolicyRequired === true)) {
    return missing("resource");
  }
  for (const policyType of ["permissions-boundary", "session"] as const) {
    const members = documents.get(policyType);
    if (members && !findStatement(members, "Allow", evaluation, policyType)) return missing(policyType);
  }
  return byResource ? allowedBy("resource", granted.statement) : allowedBy("identity", identity?.statement);
}

/** The policies that there are; boundary and session policies count only where they are set. */
function documentsByType(policies: ApplicablePolicies): Map<PolicyType, readonly PolicyDocument[]> {
  const { identityPolicies, resourcePolicy, permissionsBoundary, sessionPolicies = [] } = policies;
  const documents = new Map<PolicyType, readonly PolicyDocument[]>([["identity", identityPolicies]]);
  if (resourcePolicy) documents.set("resource", [resourcePolicy]);
  if (permissionsBoundary) documents.set("permissions-boundary", [permissionsBoundary]);
  if (sessionPolicies.length > 0) documents.set("session", sessionPolicies);
  return documents;
}

function missing(policyType: PolicyType): Decision {
  return { allowed: false, reason: `${policyType}-policy`, policyType };
}

/**
 * Within one account a policy that names the user or the session itself is not narrowed by boundary or session
 * policy; a web identity belongs to no account and has no other policy at all.
 */
function isGrantedDirectly(grant: Grant, principal: Principal, isSameAccount: boolean): boolean {
  if (principal.kind === "web-identity") return true;
  return isSameAccount && grant.match === "itself";
}

function allowedBy(policyType: PolicyType, statement: Statement | undefined): Decision {
  return { allowed: true, reason: "allowed", policyType, ...(statement && { statement }) };
}

/** The statement of that effect that applies; among grants the one that names the principal most closely. */
function findStatement(
  documents: readonly PolicyDocument[],
  effect: Statement["effect"],
  evaluation: Evaluation,
  policyType: PolicyType,
): Grant | undefined {
  const closeness: readonly PrincipalMatch[] = ["itself", "role", "everyone", "account"];
  let best: Grant | undefined;
  for (const document of documents) {
    for (const statement of document.statements) {
      if (statement.effect !== effect || !applies(statement, document, evaluation)) continue;
      const match = policyType === "resource" ? matchStatementPrincipal(statement, evaluation) : "itself";
      if (match === undefined) continue;
      if (best === undefined || closeness.indexOf(match) < closeness.indexOf(best.match)) {
        best = { statement, match };
      }
    }
  }
  return best;
}

function matchStatementPrincipal(statement: Statement, { principal }: Evaluation): PrincipalMatch {
  if (statement.principal !== undefined) return matchPrincipal(statement.principal, principal);
  if (statement.notPrincipal === undefined) return undefined;
  if (statement.effect === "Deny") {
    return sparesPrincipal(statement.notPrincipal, principal) ? undefined : "everyone";
  }
  return matchPrincipal(statement.notPrincipal, principal) === undefined ? "everyone" : undefined;
}

/** Action, resource and conditions; what is not understood counts against the request. */
function applies(statement: Statement, document: PolicyDocument, evaluation: Evaluation): boolean {
  const variables: Variables | undefined =
    document.version === "2012-10-17" ? (name) => contextValues(evaluation.keys, name)?.[0] : undefined;
  const action = evaluation.action.toLowerCase();
  const isAction = (pattern: string) => matchesWildcard(pattern.toLowerCase(), action);
  const isResource = (pattern: string) => matchesWildcard(pattern, evaluation.resource, variables);
  if (statement.actions !== undefined && !statement.actions.some(isAction)) return false;
  if (statement.notActions?.some(isAction)) return false;
  if (statement.resources !== undefined && !statement.resources.some(isResource)) return false;
  if (statement.notResources?.some(isResource)) return false;
  const holds = evaluateConditions(statement.conditions, evaluation.keys, variables);
  return holds === "unknown" ? statement.effect === "Deny" : holds;
}
