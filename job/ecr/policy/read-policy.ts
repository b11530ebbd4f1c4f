import { PromoterError } from "../../error.ts";
import type { PolicyDocument, PolicyStatement } from "./policy-document.ts";

const documentElements = new Set(["Version", "Id", "Statement"]);
const statementElements = new Set([
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

/**
 * Reads a resource's policy strictly: whoever merges into a policy must have understood all of it. A statement that
 * stands alone becomes a list of one; nothing else is changed.
 *
 * @param subject what the policy belongs to, for the message.
 * @throws {PromoterError} `InvalidResponse` when it is not written by the grammar, saying where.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html}
 */
export function readResourcePolicy(text: string, subject: string): PolicyDocument {
  const fault = (what: string) => malformed(subject, what);
  const document = parse(text, fault);
  if (!isObject(document)) throw fault("it is no JSON object");
  refuseUnknown(document, documentElements, "the policy", fault);
  const { Version: version, Id: id, Statement: statement } = document;
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    throw fault("its Version is neither 2012-10-17 nor 2008-10-17");
  }
  if (id !== undefined && typeof id !== "string") throw fault("its Id is no string");
  const members: readonly unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statement === undefined || members.length === 0) throw fault("it has no Statement");
  const statements = members.map((member, position) =>
    readStatement(member, `Statement[${position}]`, fault),
  );
  const sids = statements.flatMap(({ Sid }) => (Sid ? [Sid] : []));
  const twice = sids.find((sid, position) => sids.indexOf(sid) !== position);
  if (twice !== undefined) throw fault(`two of its statements have the Sid ${JSON.stringify(twice)}`);
  return { ...document, Statement: statements } as PolicyDocument;
}

type Fault = (what: string) => PromoterError;

function readStatement(value: unknown, where: string, fault: Fault): PolicyStatement {
  if (!isObject(value)) throw fault(`${where} is no object`);
  refuseUnknown(value, statementElements, where, fault);
  const { Sid: sid, Effect: effect, Resource: resource, NotResource: notResource } = value;
  if (sid !== undefined && typeof sid !== "string") throw fault(`${where}.Sid is no string`);
  if (effect !== "Allow" && effect !== "Deny") throw fault(`${where}.Effect is neither Allow nor Deny`);
  requireOne(value, ["Principal", "NotPrincipal"], where, fault);
  requireOne(value, ["Action", "NotAction"], where, fault);
  if (!isPrincipal(value.Principal ?? value.NotPrincipal)) throw fault(`${where} names no principal`);
  if (!isStrings(value.Action ?? value.NotAction)) throw fault(`${where} names no action`);
  if (resource !== undefined && notResource !== undefined) {
    throw fault(`${where} has both Resource and NotResource`);
  }
  const resources = resource ?? notResource;
  if (resources !== undefined && !isStrings(resources)) throw fault(`${where} names no resource`);
  if (!isCondition(value.Condition)) throw fault(`${where}.Condition is not operators with keys and values`);
  return value as unknown as PolicyStatement;
}

function parse(text: string, fault: Fault): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault("it is no JSON");
  }
}

function malformed(subject: string, what: string): PromoterError {
  return new PromoterError("InvalidResponse", `Cannot read the policy of ${subject}: ${what}`, {
    hint: "Correct the policy in the console or with aws ecr set-repository-policy, then run this again",
  });
}

function refuseUnknown(value: object, known: ReadonlySet<string>, where: string, fault: Fault): void {
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (unknown !== undefined) throw fault(`${where} has an element ${JSON.stringify(unknown)}`);
}

function requireOne(
  value: Record<string, unknown>,
  names: readonly [string, string],
  where: string,
  fault: Fault,
): void {
  const given = names.filter((name) => value[name] !== undefined);
  if (given.length !== 1) throw fault(`${where} must have one of ${names.join(" and ")}`);
}

function isPrincipal(value: unknown): boolean {
  if (value === "*") return true;
  return isObject(value) && Object.keys(value).length > 0 && Object.values(value).every(isStrings);
}

function isCondition(value: unknown): boolean {
  if (value === undefined) return true;
  const isScalar = (one: unknown) => ["string", "number", "boolean"].includes(typeof one);
  const isValue = (one: unknown) => (Array.isArray(one) ? one.every(isScalar) : isScalar(one));
  const isKeys = (one: unknown) => isObject(one) && Object.values(one).every(isValue);
  return isObject(value) && Object.values(value).every(isKeys);
}

function isStrings(value: unknown): boolean {
  const members: readonly unknown[] = Array.isArray(value) ? value : [value];
  return members.length > 0 && members.every((member) => typeof member === "string" && member !== "");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
