import { secret } from "../../secrets/ledger.ts";
import { checkAccess } from "../iam/check-access.ts";
import type { OidcProvider, Principal } from "../identity.ts";
import { findRole, readSessionRequest, startSession } from "./role-session.ts";
import { accessDenied, validationError } from "./sts-error.ts";
import type { StsOperation, StsRequest } from "./sts-operation.ts";
import { invalidToken, readWebIdentityToken, type WebIdentityToken } from "./web-identity-token.ts";

/**
 * {@link https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html}: what a pod does with
 * the token of its service account. The provider must be registered in the role's account, and the role must trust
 * it, most often under conditions on the token's subject and audience.
 */
export const assumeRoleWithWebIdentity: StsOperation = (fields, request) => {
  const session = readSessionRequest(fields);
  const { WebIdentityToken: text } = fields;
  if (text === undefined)
    throw validationError("1 validation error detected: Value null at 'webIdentityToken'");
  const token = readWebIdentityToken(text, request.now);
  secret(text);
  const role = findRole(request, session.roleArn);
  const accountId = /^arn:[a-z-]+:iam::([0-9]{12}):/.exec(session.roleArn)?.[1] ?? "";
  const provider = findProvider(request, accountId, token);
  const audience = verifyToken(provider, token);
  const principal = webIdentity(provider, token, audience);
  const decision =
    role?.trustPolicy &&
    checkAccess(request.store, {
      principal,
      action: "sts:AssumeRoleWithWebIdentity",
      resource: session.roleArn,
      resourceAccountId: accountId,
      trustPolicy: role.trustPolicy,
      context: { ...request.conditionKeys, "sts:RoleSessionName": session.sessionName },
    });
  if (role === undefined || decision?.allowed !== true) {
    throw accessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  }
  return {
    SubjectFromWebIdentityToken: token.subject,
    Audience: audience,
    Provider: provider.arn,
    ...startSession(role, session, request),
  };
};

function findProvider(request: StsRequest, accountId: string, token: WebIdentityToken): OidcProvider {
  const issuer = token.issuer.replace(/^https?:\/\//, "");
  const providers = request.store.accounts.get(accountId)?.oidcProviders.values() ?? [];
  const provider = [...providers].find((known) => known.issuer === issuer);
  if (provider !== undefined) return provider;
  throw invalidToken(`No OpenIDConnect provider found in your account for ${token.issuer}`);
}

/** @returns the audience that the provider accepts. */
function verifyToken(provider: OidcProvider, token: WebIdentityToken): string {
  const isGenuine =
    provider.secret === undefined ? token.algorithm === "none" : token.isSignedWith(provider.secret);
  if (!isGenuine) {
    throw invalidToken(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  const audience = token.audiences.find((named) => provider.clientIds.includes(named));
  if (audience === undefined) throw invalidToken("Incorrect token audience");
  return audience;
}

function webIdentity(provider: OidcProvider, token: WebIdentityToken, audience: string): Principal {
  return {
    kind: "web-identity",
    arn: provider.arn,
    accountId: "",
    userId: `${provider.issuer}:${token.subject}`,
    federatedProvider: provider.arn,
    federatedKeys: {
      [`${provider.issuer}:sub`]: token.subject,
      [`${provider.issuer}:aud`]: audience,
      "aws:FederatedProvider": provider.arn,
    },
  };
}
