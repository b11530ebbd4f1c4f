import type { EmulatorContext } from "./emulator-context.ts";
import { checkAccess, describeDenial } from "./iam/check-access.ts";
import type { Principal } from "./identity.ts";
import { errorReply } from "./registry-error.ts";
import type { RegistryAddress } from "./registry-host.ts";
import { emptyReply, type Reply, textReply } from "./reply.ts";
import { repositoryArn } from "./repository.ts";

/** Who asks, or the answer that sends them away. */
export type Authentication = { readonly principal: Principal | undefined } | { readonly refusal: Reply };

/**
 * Basic authentication with a token of GetAuthorizationToken, as ECR has it: no credentials are 401 with a challenge,
 * an expired token is 403 without one.
 */
export function authenticate(
  context: EmulatorContext,
  authorization: string | undefined,
  host: string,
): Authentication {
  if (!context.checksAccess) return { principal: undefined };
  const challenge = { "www-authenticate": `Basic realm="https://${host}/",service="ecr.amazonaws.com"` };
  if (authorization === undefined) return { refusal: textReply(401, "Not Authorized\n", challenge) };
  const password = readBasic(authorization);
  if (password === undefined) return { refusal: invalidToken() };
  const check = context.store.checkToken(password);
  if (check.state === "valid") return { principal: check.principal };
  return { refusal: check.state === "expired" ? expiredToken() : invalidToken() };
}

export function expiredToken(): Reply {
  return errorReply(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.");
}

function invalidToken(): Reply {
  return errorReply(403, "DENIED", "Your Authorization Token is invalid.");
}

/** The password of user `AWS`. */
function readBasic(authorization: string): string | undefined {
  const [scheme = "", encoded = ""] = authorization.split(" ", 2);
  if (scheme.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(encoded, "base64").toString();
  return pair.startsWith("AWS:") ? pair.slice("AWS:".length) : undefined;
}

export interface AccessQuestion extends RegistryAddress {
  readonly principal: Principal | undefined;
  /** Without the service: `BatchGetImage`. */
  readonly action: string;
  /** Undefined for actions on the whole registry. */
  readonly repository: string | undefined;
}

/** The answer to somebody who may not do that; undefined when they may. */
export function denial(context: EmulatorContext, question: AccessQuestion): Reply | undefined {
  const message = denialMessage(context, question);
  if (message === undefined) return undefined;
  return context.options.emptyDenials === true ? emptyReply(403) : errorReply(403, "DENIED", message);
}

/** Whether somebody may do that, without an answer. */
export function mayDo(context: EmulatorContext, question: AccessQuestion): boolean {
  return denialMessage(context, question) === undefined;
}

function denialMessage(context: EmulatorContext, question: AccessQuestion): string | undefined {
  const { principal, accountId, region, repository: name } = question;
  if (principal === undefined) return undefined;
  const repository = name === undefined ? undefined : context.store.findRepository(accountId, region, name);
  const check = {
    principal,
    action: `ecr:${question.action}`,
    resource: name === undefined ? "*" : repositoryArn({ accountId, region, name }),
    resourceAccountId: accountId,
    resourcePolicyText: repository?.policyText,
    context: { ...requestKeys(region), ...resourceTags(repository?.tags) },
  };
  const decision = checkAccess(context.store, check);
  return decision.allowed ? undefined : describeDenial(check, decision);
}

/** The emulator speaks plain HTTP on loopback where ECR has nothing but TLS: policies see ECR. */
function requestKeys(region: string): Record<string, string> {
  return { "aws:SecureTransport": "true", "aws:SourceIp": "127.0.0.1", "aws:RequestedRegion": region };
}

function resourceTags(tags: ReadonlyMap<string, string> = new Map()): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const [name, value] of tags) {
    keys[`aws:ResourceTag/${name}`] = value;
    keys[`ecr:ResourceTag/${name}`] = value;
  }
  return keys;
}
