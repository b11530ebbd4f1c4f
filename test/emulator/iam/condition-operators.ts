import { BlockList, isIPv4, isIPv6 } from "node:net";
import { expandVariables, matchesWildcard, type Variables } from "./wildcard.ts";

/** Whether one value of the request matches one of the policy; undefined when the policy's value makes no sense. */
export type Matcher = (actual: string, wanted: string, variables?: Variables) => boolean | undefined;

export interface ConditionOperator {
  readonly matches: Matcher;
  /** True for the operators with a Not: they hold where nothing matches, so also where the key is missing. */
  readonly negated: boolean;
}

/**
 * The operators without their qualifiers, but for `Null`, which asks for the key alone.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html}
 */
export const conditionOperators: ReadonlyMap<string, ConditionOperator> = new Map([
  ...pair("StringEquals", "StringNotEquals", equalText),
  ...pair("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", equalIgnoringCase),
  ...pair("StringLike", "StringNotLike", (actual, wanted, variables) =>
    matchesWildcard(wanted, actual, variables),
  ),
  ...pair("ArnEquals", "ArnNotEquals", matchArn),
  ...pair("ArnLike", "ArnNotLike", matchArn),
  ...pair("IpAddress", "NotIpAddress", matchAddress),
  ...pair(
    "NumericEquals",
    "NumericNotEquals",
    numeric((a, b) => a === b),
  ),
  ...pair(
    "DateEquals",
    "DateNotEquals",
    date((a, b) => a === b),
  ),
  single("Bool", equalIgnoringCase),
  single("BinaryEquals", equalText),
  single(
    "NumericLessThan",
    numeric((a, b) => a < b),
  ),
  single(
    "NumericLessThanEquals",
    numeric((a, b) => a <= b),
  ),
  single(
    "NumericGreaterThan",
    numeric((a, b) => a > b),
  ),
  single(
    "NumericGreaterThanEquals",
    numeric((a, b) => a >= b),
  ),
  single(
    "DateLessThan",
    date((a, b) => a < b),
  ),
  single(
    "DateLessThanEquals",
    date((a, b) => a <= b),
  ),
  single(
    "DateGreaterThan",
    date((a, b) => a > b),
  ),
  single(
    "DateGreaterThanEquals",
    date((a, b) => a >= b),
  ),
]);

function single(name: string, matches: Matcher): [string, ConditionOperator] {
  return [name, { matches, negated: false }];
}

function pair(name: string, opposite: string, matches: Matcher): [string, ConditionOperator][] {
  return [single(name, matches), [opposite, { matches, negated: true }]];
}

function equalText(actual: string, wanted: string, variables?: Variables): boolean {
  return actual === expandVariables(wanted, variables);
}

function equalIgnoringCase(actual: string, wanted: string, variables?: Variables): boolean {
  return actual.toLowerCase() === expandVariables(wanted, variables)?.toLowerCase();
}

/** Each of an ARN's six parts is matched by itself, so that a wildcard does not reach over a colon before the last. */
function matchArn(actual: string, wanted: string, variables?: Variables): boolean | undefined {
  const parts = splitArn(actual);
  const patterns = splitArn(wanted);
  if (patterns === undefined) return wanted === "*" ? true : undefined;
  return (
    parts?.every((part, position) => matchesWildcard(patterns[position] ?? "", part, variables)) ?? false
  );
}

function splitArn(arn: string): string[] | undefined {
  const parts = arn.split(":");
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

function matchAddress(actual: string, wanted: string): boolean | undefined {
  const [address = "", bits] = wanted.split("/", 2);
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const prefix = bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits);
  if (!/^[0-9]*$/.test(bits ?? "") || prefix > (family === "ipv4" ? 32 : 128)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, prefix, family);
  // A dual-stack socket tells IPv4 clients as ::ffff:a.b.c.d.
  const client = actual.startsWith("::ffff:") && isIPv4(actual.slice(7)) ? actual.slice(7) : actual;
  return familyOf(client) === family && range.check(client, family);
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  return isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
}

function numeric(compare: (actual: number, wanted: number) => boolean): Matcher {
  return comparing((text) => (text.trim() === "" ? Number.NaN : Number(text)), compare);
}

/** Dates are ISO 8601 or seconds since the epoch. */
function date(compare: (actual: number, wanted: number) => boolean): Matcher {
  return comparing((text) => (/^[0-9]+$/.test(text) ? Number(text) * 1000 : Date.parse(text)), compare);
}

function comparing(
  read: (text: string) => number,
  compare: (actual: number, wanted: number) => boolean,
): Matcher {
  return (actual, wanted) => {
    const limit = read(wanted);
    return Number.isNaN(limit) ? undefined : compare(read(actual), limit);
  };
}
