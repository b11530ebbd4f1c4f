import { type AccessCheck, checkAccess, describeDenial } from "../iam/check-access.ts";
import { findRole, readSessionRequest, startSession } from "./role-session.ts";
import { accessDenied, validationError } from "./sts-error.ts";
import { callerOf, type FormFields, type StsOperation, type StsRequest } from "./sts-operation.ts";

/**
 * {@link https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html}: the role must trust the caller, and
 * where it trusts the caller's account only, or belongs to another one, the caller must have the right as well.
 */
export const assumeRole: StsOperation = (fields, request) => {
  const session = readSessionRequest(fields);
  const tags = readTags(fields);
  const { ExternalId, SourceIdentity } = fields;
  const keys = {
    ...(ExternalId !== undefined && { "sts:ExternalId": ExternalId }),
    ...(SourceIdentity !== undefined && { "sts:SourceIdentity": SourceIdentity }),
    "sts:RoleSessionName": session.sessionName,
    ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, value])),
    ...(Object.keys(tags).length > 0 && { "aws:TagKeys": Object.keys(tags) }),
  };
  requireTrust(request, "sts:AssumeRole", session.roleArn, keys);
  if (Object.keys(tags).length > 0) requireTrust(request, "sts:TagSession", session.roleArn, keys);
  const role = findRole(request, session.roleArn);
  if (role === undefined) throw accessDenied("Access denied");
  return { SourceIdentity, ...startSession(role, { ...session, tags }, request) };
};

/** Whoever may not assume a role does not learn whether there is one. */
function requireTrust(
  request: StsRequest,
  action: string,
  roleArn: string,
  keys: Readonly<Record<string, string | readonly string[]>>,
): void {
  const principal = callerOf(request);
  const role = findRole(request, roleArn);
  const check: AccessCheck = {
    principal,
    action,
    resource: roleArn,
    resourceAccountId: role?.accountId ?? "",
    trustPolicy: role?.trustPolicy ?? { Statement: [{ Effect: "Deny", Principal: "*", Action: "*" }] },
    context: { ...request.conditionKeys, ...keys },
  };
  const decision = checkAccess(request.store, check);
  if (decision.allowed) return;
  const isTrustMissing = decision.policyType === "resource";
  const short = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${roleArn}`;
  throw accessDenied(isTrustMissing ? short : describeDenial(check, decision));
}

/** Session tags: `Tags.member.1.Key`, `Tags.member.1.Value`, and so on. */
function readTags(fields: FormFields): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let number = 1; fields[`Tags.member.${number}.Key`] !== undefined; number += 1) {
    tags[fields[`Tags.member.${number}.Key`] ?? ""] = fields[`Tags.member.${number}.Value`] ?? "";
  }
  if (Object.keys(tags).length > 50) throw validationError("A session can have at most 50 tags");
  return tags;
}
