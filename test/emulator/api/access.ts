import { EcrException, repositoryNotFound } from "../ecr-exception.ts";
import { checkAccess, describeDenial } from "../iam/check-access.ts";
import type { ConditionContext } from "../iam/conditions.ts";
import { type Repository, repositoryArn } from "../repository.ts";
import { type EcrRequest, registryOf } from "./operation.ts";

export interface AccessOptions {
  readonly resource: string;
  /** The account that owns it. */
  readonly accountId: string;
  /** Default: the operation's own. */
  readonly action?: string;
  readonly resourcePolicyText?: string | undefined;
  readonly keys?: ConditionContext;
}

/** @throws {EcrException} `AccessDeniedException` in AWS's words when the caller's and the resource's policies say no. */
export function requireAccess(request: EcrRequest, options: AccessOptions): void {
  if (!isAuthorizing(request)) return;
  const check = {
    principal: request.principal,
    action: options.action ?? request.action,
    resource: options.resource,
    resourceAccountId: options.accountId,
    resourcePolicyText: options.resourcePolicyText,
    context: { ...request.call.conditionKeys, "aws:RequestedRegion": request.call.region, ...options.keys },
  };
  const decision = checkAccess(request.store, check);
  if (decision.allowed) return;
  throw new EcrException("AccessDeniedException", describeDenial(check, decision));
}

/** The same for operations that are about no resource but the caller's registry. */
export function requireRegistryAccess(request: EcrRequest): void {
  requireAccess(request, { resource: "*", accountId: request.principal.accountId });
}

/**
 * The repository that an input names. Whether it may be used is asked first, so that who may not learns nothing.
 *
 * @throws {EcrException} `AccessDeniedException`, `RepositoryNotFoundException`.
 */
export function openRepository(
  request: EcrRequest,
  input: { readonly registryId?: string | undefined; readonly repositoryName: string },
  options: { readonly action?: string; readonly keys?: ConditionContext } = {},
): Repository {
  const accountId = registryOf(request, input.registryId);
  const { region } = request.call;
  const found = request.store.findRepository(accountId, region, input.repositoryName);
  requireAccess(request, {
    ...options,
    resource: repositoryArn({ accountId, region, name: input.repositoryName }),
    accountId,
    resourcePolicyText: found?.policyText,
    keys: { ...(found && resourceTagKeys(found.tags)), ...options.keys },
  });
  if (found === undefined) throw repositoryNotFound(accountId, input.repositoryName);
  return found;
}

/** Condition keys for the tags that a request sets. */
export function requestTagKeys(tags: Readonly<Record<string, string>>): ConditionContext {
  const names = Object.keys(tags);
  const keys: Record<string, string | readonly string[]> = names.length > 0 ? { "aws:TagKeys": names } : {};
  for (const [name, value] of Object.entries(tags)) keys[`aws:RequestTag/${name}`] = value;
  return keys;
}

/** Condition keys for the tags that a repository has. */
export function resourceTagKeys(tags: ReadonlyMap<string, string>): ConditionContext {
  const keys: Record<string, string> = {};
  for (const [name, value] of tags) {
    keys[`aws:ResourceTag/${name}`] = value;
    keys[`ecr:ResourceTag/${name}`] = value;
  }
  return keys;
}

function isAuthorizing({ context: { options } }: EcrRequest): boolean {
  return (options.authorization ?? (options.mode === "strict" ? "none" : "iam")) === "iam";
}
