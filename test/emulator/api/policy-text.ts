import { checkAccess } from "../iam/check-access.ts";
import { conditionOperators } from "../iam/condition-operators.ts";
import { operatorName } from "../iam/conditions.ts";
import { type PolicyDocument, parsePolicyDocument, type Statement } from "../iam/policy-document.ts";
import { PolicyDocumentError } from "../iam/policy-document-error.ts";
import type { Repository } from "../repository.ts";
import type { Store } from "../store.ts";
import { type EcrRequest, invalidParameter } from "./operation.ts";

/** Most characters that a repository or registry policy may have. */
const maxPolicyLength = 10_240;

/** @throws {EcrException} `InvalidParameterException` for a policy that ECR would not store. */
export function checkPolicyText(store: Store, policyText: string): void {
  if (policyText.length > maxPolicyLength) {
    throw invalidParameter("PolicyText", `Member must have length less than or equal to ${maxPolicyLength}`);
  }
  const policy = readPolicy(policyText);
  if (policy.statements.some((statement) => !hasKnownOperators(statement) || !isAboutEcr(statement))) {
    throw invalidParameter("PolicyText", "Invalid repository policy provided");
  }
  const named = policy.statements.flatMap(
    ({ principal, notPrincipal }) => (principal ?? notPrincipal)?.aws ?? [],
  );
  if (!named.every((arn) => principalExists(store, arn))) {
    throw invalidParameter("PolicyText", "Principal not found");
  }
}

/** Refuses a policy that would keep the caller from ever setting another one. */
export function checkLockout(request: EcrRequest, repository: Repository, policyText: string): void {
  const decision = checkAccess(request.store, {
    principal: request.principal,
    action: "ecr:SetRepositoryPolicy",
    resource: repository.arn,
    resourceAccountId: repository.accountId,
    resourcePolicyText: policyText,
    ...(request.call.conditionKeys && { context: request.call.conditionKeys }),
  });
  if (decision.reason === "explicit-deny" && decision.policyType === "resource") {
    throw invalidParameter(
      "PolicyText",
      "The policy would prevent you from setting another policy in the future; use force to set it",
    );
  }
}

function readPolicy(policyText: string): PolicyDocument {
  try {
    return parsePolicyDocument(policyText, "resource");
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    throw invalidParameter("PolicyText", "Invalid repository policy provided");
  }
}

function hasKnownOperators(statement: Statement): boolean {
  return statement.conditions.every(({ operator }) => {
    const name = operatorName(operator);
    return name === "Null" || conditionOperators.has(name);
  });
}

function isAboutEcr(statement: Statement): boolean {
  const actions = statement.actions ?? statement.notActions ?? [];
  return actions.every((action) => action === "*" || action.toLowerCase().startsWith("ecr:"));
}

/** ECR looks every principal up. Of an account without users and roles nothing is known here, so all may be there. */
function principalExists(store: Store, arn: string): boolean {
  const accountId = /^arn:[a-z-]+:iam::([0-9]{12}):(?:user|role)\//.exec(arn)?.[1];
  const identities = store.accounts.get(accountId ?? "")?.identities;
  return identities === undefined || identities.size === 0 || identities.has(arn);
}
