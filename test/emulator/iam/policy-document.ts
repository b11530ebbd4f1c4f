import { isObject } from "../../../job/oci/descriptor.ts";
import { PolicyDocumentError } from "./policy-document-error.ts";
import { type PrincipalElement, readPrincipalElement } from "./principal-element.ts";

/** A policy as it is evaluated: lists where the JSON may have a single value. */
export interface PolicyDocument {
  /** Policy variables work in 2012-10-17 only; a policy without a version is of 2008-10-17. */
  readonly version: "2008-10-17" | "2012-10-17";
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  /** Who is meant; absent in identity policies. */
  readonly principal?: PrincipalElement;
  readonly notPrincipal?: PrincipalElement;
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  /** Absent in repository and trust policies, which are about the resource that they hang on. */
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  /** All of them must hold. */
  readonly conditions: readonly Condition[];
}

export interface Condition {
  /** With its qualifiers, as written: `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Which elements a policy has: an identity policy says what its owner may do to which resource, a resource policy
 * who may do it, and a trust policy is a resource policy that names no resource.
 */
export type PolicyKind = "identity" | "resource" | "trust";

const documentElements: ReadonlySet<string> = new Set(["Version", "Id", "Statement"]);
const statementElements: ReadonlySet<string> = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);
const actionPattern = /^(?:\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+)$/;

/**
 * Reads a policy's JSON.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html}
 *
 * @throws {PolicyDocumentError} saying which element is wrong.
 */
export function parsePolicyDocument(text: string, kind: PolicyKind): PolicyDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new PolicyDocumentError("the policy is no JSON");
  }
  return readPolicyDocument(document, kind);
}

/** The same out of parsed JSON. @throws {PolicyDocumentError} saying which element is wrong. */
export function readPolicyDocument(document: unknown, kind: PolicyKind): PolicyDocument {
  if (!isObject(document)) throw new PolicyDocumentError("the policy is no JSON object");
  refuseUnknown(document, documentElements, "the policy");
  const { Version: version = "2008-10-17", Statement: statement } = document;
  if (version !== "2008-10-17" && version !== "2012-10-17") {
    throw new PolicyDocumentError("Version is neither 2012-10-17 nor 2008-10-17");
  }
  const members = Array.isArray(statement) ? statement : [statement];
  if (statement === undefined || members.length === 0)
    throw new PolicyDocumentError("the policy has no Statement");
  const statements = members.map((member, position) => readStatement(member, kind, `Statement[${position}]`));
  const sids = statements.flatMap((member) => member.sid ?? []);
  if (new Set(sids).size < sids.length) throw new PolicyDocumentError("two statements have the same Sid");
  return { version, statements };
}

function readStatement(value: unknown, kind: PolicyKind, where: string): Statement {
  if (!isObject(value)) throw new PolicyDocumentError(`${where} is no object`);
  refuseUnknown(value, statementElements, where);
  const { Sid: sid, Effect: effect } = value;
  if (sid !== undefined && typeof sid !== "string")
    throw new PolicyDocumentError(`${where}.Sid is no string`);
  if (effect !== "Allow" && effect !== "Deny") {
    throw new PolicyDocumentError(`${where}.Effect is neither Allow nor Deny`);
  }
  return {
    ...(sid !== undefined && sid !== "" && { sid }),
    effect,
    ...readPrincipals(value, kind, where),
    ...readActions(value, where),
    ...readResources(value, kind, where),
    conditions: readConditions(value.Condition, `${where}.Condition`),
  };
}

function readPrincipals(
  value: Record<string, unknown>,
  kind: PolicyKind,
  where: string,
): Pick<Statement, "principal" | "notPrincipal"> {
  const { Principal: principal, NotPrincipal: notPrincipal } = value;
  const isNamed = principal !== undefined || notPrincipal !== undefined;
  if (kind === "identity") {
    if (isNamed) throw new PolicyDocumentError(`${where} names a Principal: an identity policy must not`);
    return {};
  }
  requireOne(principal, notPrincipal, `${where}: Principal, NotPrincipal`);
  return principal === undefined
    ? { notPrincipal: readPrincipalElement(notPrincipal, `${where}.NotPrincipal`) }
    : { principal: readPrincipalElement(principal, `${where}.Principal`) };
}

function readActions(
  value: Record<string, unknown>,
  where: string,
): Pick<Statement, "actions" | "notActions"> {
  const { Action: action, NotAction: notAction } = value;
  requireOne(action, notAction, `${where}: Action, NotAction`);
  const actions = readStrings(
    action ?? notAction,
    `${where}.${action === undefined ? "NotAction" : "Action"}`,
  );
  const wrong = actions.find((name) => !actionPattern.test(name));
  if (wrong !== undefined) throw new PolicyDocumentError(`${where}: ${JSON.stringify(wrong)} is no action`);
  return action === undefined ? { notActions: actions } : { actions };
}

function readResources(
  value: Record<string, unknown>,
  kind: PolicyKind,
  where: string,
): Pick<Statement, "resources" | "notResources"> {
  const { Resource: resource, NotResource: notResource } = value;
  if (resource === undefined && notResource === undefined && kind !== "identity") return {};
  if (kind === "trust") throw new PolicyDocumentError(`${where} names a Resource: a trust policy must not`);
  requireOne(resource, notResource, `${where}: Resource, NotResource`);
  const resources = readStrings(resource ?? notResource, `${where}.Resource`);
  const wrong = resources.find((name) => name !== "*" && !name.startsWith("arn:") && !name.startsWith("*:"));
  if (wrong !== undefined) throw new PolicyDocumentError(`${where}: ${JSON.stringify(wrong)} is no ARN`);
  return resource === undefined ? { notResources: resources } : { resources };
}

function readConditions(value: unknown, where: string): Condition[] {
  if (value === undefined) return [];
  if (!isObject(value)) throw new PolicyDocumentError(`${where} is no object`);
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw new PolicyDocumentError(`${where}.${operator} is no object`);
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: readScalars(values, `${where}.${operator}.${key}`),
    }));
  });
}

function readStrings(value: unknown, where: string): string[] {
  const members = Array.isArray(value) ? value : [value];
  if (members.length === 0 || members.some((member) => typeof member !== "string" || member === "")) {
    throw new PolicyDocumentError(`${where} is neither a string nor a list of strings`);
  }
  return members;
}

/** Condition values: numbers and booleans are taken for the text that they are written as. */
function readScalars(value: unknown, where: string): string[] {
  return (Array.isArray(value) ? value : [value]).map((member) => {
    if (typeof member === "string" || typeof member === "number" || typeof member === "boolean") {
      return String(member);
    }
    throw new PolicyDocumentError(`${where} holds what is no string, number or boolean`);
  });
}

function requireOne(first: unknown, second: unknown, names: string): void {
  if ((first === undefined) === (second === undefined)) {
    throw new PolicyDocumentError(`${names}: exactly one of them is needed`);
  }
}

function refuseUnknown(value: Record<string, unknown>, known: ReadonlySet<string>, where: string): void {
  const stranger = Object.keys(value).find((name) => !known.has(name));
  if (stranger !== undefined)
    throw new PolicyDocumentError(`${where} has the unknown element ${JSON.stringify(stranger)}`);
}
