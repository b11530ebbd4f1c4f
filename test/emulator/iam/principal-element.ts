import { isObject } from "../../../job/oci/descriptor.ts";
import type { Principal } from "../identity.ts";
import { PolicyDocumentError } from "./policy-document-error.ts";

/**
 * Whom a statement means.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html}
 */
export interface PrincipalElement {
  readonly everyone: boolean;
  /** Account ids and ARNs of account roots, users, roles and sessions. */
  readonly aws: readonly string[];
  readonly federated: readonly string[];
  readonly service: readonly string[];
}

/**
 * How a statement names a principal: itself, through its role, through its account (which hands the decision on to
 * the account's own policies), as one of everybody, or not at all.
 */
export type PrincipalMatch = "itself" | "role" | "account" | "everyone" | undefined;

const accountPattern = /^(?:arn:[a-z-]+:iam::)?([0-9]{12})(?::root)?$/;
const awsPattern =
  /^(?:[0-9]{12}|arn:[a-z-]+:iam::[0-9]{12}:(?:root|user\/.+|role\/.+)|arn:[a-z-]+:sts::[0-9]{12}:(?:assumed-role\/[^/]+\/.+|federated-user\/.+)|A(?:IDA|ROA)[A-Z0-9]{12,})$/;

/** @throws {PolicyDocumentError} when it names something that can be no principal, such as an ARN with wildcards. */
export function readPrincipalElement(value: unknown, where: string): PrincipalElement {
  if (value === "*") return { everyone: true, aws: [], federated: [], service: [] };
  if (!isObject(value) || Object.keys(value).length === 0) {
    throw new PolicyDocumentError(`${where} is neither "*" nor an object`);
  }
  const named = { AWS: [] as string[], Federated: [] as string[], Service: [] as string[] };
  for (const [type, names] of Object.entries(value)) {
    if (type !== "AWS" && type !== "Federated" && type !== "Service") {
      throw new PolicyDocumentError(`${where}.${type} is no kind of principal`);
    }
    named[type] = readNames(names, `${where}.${type}`);
  }
  const aws = named.AWS.filter((name) => name !== "*");
  const wrong = aws.find((name) => !awsPattern.test(name) || /[*?]/.test(name));
  if (wrong !== undefined)
    throw new PolicyDocumentError(`${where}.AWS: ${JSON.stringify(wrong)} is no principal`);
  return { everyone: aws.length < named.AWS.length, aws, federated: named.Federated, service: named.Service };
}

/** How `element` names `principal`, the closest way first. */
export function matchPrincipal(element: PrincipalElement, principal: Principal): PrincipalMatch {
  if (principal.federatedProvider !== undefined) {
    return element.federated.includes(principal.federatedProvider) ? "itself" : undefined;
  }
  if (isNamed(element, principal.arn)) return "itself";
  if (principal.roleArn !== undefined && isNamed(element, principal.roleArn)) return "role";
  if (element.everyone) return "everyone";
  return principal.accountId !== "" && namesAccount(element, principal.accountId) ? "account" : undefined;
}

/**
 * Whether a `NotPrincipal` spares `principal`: the account, the role and the session must all be listed.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html}
 */
export function sparesPrincipal(element: PrincipalElement, principal: Principal): boolean {
  if (element.everyone) return true;
  if (principal.federatedProvider !== undefined)
    return element.federated.includes(principal.federatedProvider);
  if (principal.accountId === "" || !namesAccount(element, principal.accountId)) return false;
  if (principal.kind === "root") return true;
  return (
    isNamed(element, principal.arn) &&
    (principal.roleArn === undefined || isNamed(element, principal.roleArn))
  );
}

function isNamed(element: PrincipalElement, arn: string): boolean {
  return arn !== "" && element.aws.includes(arn);
}

function namesAccount(element: PrincipalElement, accountId: string): boolean {
  return element.aws.some((name) => accountPattern.exec(name)?.[1] === accountId);
}

function readNames(value: unknown, where: string): string[] {
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0 || names.some((name) => typeof name !== "string" || name === "")) {
    throw new PolicyDocumentError(`${where} is neither a string nor a list of strings`);
  }
  return names;
}
