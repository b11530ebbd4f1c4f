import { describe, expect, it } from "vitest";
import {
  type ConditionContext,
  type ConditionResult,
  evaluateConditions,
} from "../emulator/iam/conditions.ts";

const context: ConditionContext = {
  text: "Blue",
  list: ["a", "b"],
  none: [],
  arn: "arn:aws:iam::111122223333:role/deploy/Promoter",
  "aws:SourceIp": "10.1.2.3",
  v6: "2001:db8::5",
  mapped: "::ffff:10.1.2.3",
  number: "7",
  time: "2026-11-21T08:00:00Z",
  yes: "true",
};

const rows: readonly [operator: string, key: string, values: string | string[], expected: ConditionResult][] =
  [
    ["StringEquals", "text", "Blue", true],
    ["StringEquals", "TEXT", "Blue", true],
    ["StringEquals", "text", "blue", false],
    ["StringEquals", "text", ["Red", "Blue"], true],
    ["StringEquals", "text", "B*", false],
    ["StringEquals", "absent", "Blue", false],
    ["StringEqualsIgnoreCase", "text", "bLUE", true],
    ["StringNotEquals", "text", "Blue", false],
    ["StringNotEquals", "text", ["Red", "Green"], true],
    ["StringNotEquals", "text", ["Red", "Blue"], false],
    ["StringNotEquals", "absent", "Blue", true],
    ["StringLike", "text", "B?u*", true],
    ["StringLike", "text", "b*", false],
    ["StringNotLike", "text", "B*", false],
    ["StringNotLike", "text", "R*", true],
    ["StringEqualsIfExists", "absent", "Blue", true],
    ["StringEqualsIfExists", "text", "Red", false],
    ["ArnEquals", "arn", "arn:aws:iam::111122223333:role/deploy/Promoter", true],
    ["ArnEquals", "arn", "arn:aws:iam::*:role/*", true],
    ["ArnLike", "arn", "arn:aws:iam::111122223333:role/deploy/*", true],
    ["ArnLike", "arn", "arn:*:role/deploy/Promoter", "unknown"],
    ["ArnLike", "arn", "arn:aws:*:*:*:role/other", false],
    ["ArnLike", "text", "arn:aws:iam::*:role/*", false],
    ["ArnNotLike", "arn", "arn:aws:iam::999999999999:*", true],
    ["ArnNotEquals", "arn", "arn:aws:iam::*:role/*", false],
    ["Bool", "yes", "true", true],
    ["Bool", "yes", "True", true],
    ["Bool", "yes", "false", false],
    ["Bool", "absent", "true", false],
    ["BoolIfExists", "absent", "true", true],
    ["IpAddress", "aws:SourceIp", "10.0.0.0/8", true],
    ["IpAddress", "aws:SourceIp", ["192.0.2.0/24", "10.1.2.3"], true],
    ["IpAddress", "aws:SourceIp", "10.1.2.4", false],
    ["IpAddress", "mapped", "10.0.0.0/8", true],
    ["IpAddress", "v6", "2001:db8::/32", true],
    ["IpAddress", "v6", "10.0.0.0/8", false],
    ["IpAddress", "aws:SourceIp", "10.0.0.0/99", "unknown"],
    ["IpAddress", "aws:SourceIp", "everywhere", "unknown"],
    ["NotIpAddress", "aws:SourceIp", "192.0.2.0/24", true],
    ["NotIpAddress", "aws:SourceIp", "10.0.0.0/8", false],
    ["Null", "text", "false", true],
    ["Null", "text", "true", false],
    ["Null", "absent", "true", true],
    ["Null", "absent", "false", false],
    ["NumericEquals", "number", "7.0", true],
    ["NumericNotEquals", "number", "7", false],
    ["NumericLessThan", "number", "7", false],
    ["NumericLessThanEquals", "number", "7", true],
    ["NumericGreaterThan", "number", "6", true],
    ["NumericGreaterThanEquals", "number", "8", false],
    ["NumericLessThan", "number", "many", "unknown"],
    ["NumericLessThan", "text", "9", false],
    ["DateLessThan", "time", "2026-11-21T09:00:00Z", true],
    ["DateLessThan", "time", "2026-11-21T08:00:00Z", false],
    ["DateLessThanEquals", "time", "2026-11-21T08:00:00Z", true],
    ["DateGreaterThan", "time", "2026-11-21", true],
    ["DateGreaterThan", "time", "1700000000", true],
    ["DateGreaterThanEquals", "time", "2027-01-01T00:00:00Z", false],
    ["DateGreaterThan", "time", "tomorrow", "unknown"],
    ["ForAnyValue:StringEquals", "list", "b", true],
    ["ForAnyValue:StringEquals", "list", "c", false],
    ["ForAnyValue:StringEquals", "absent", "b", false],
    ["ForAnyValue:StringNotEquals", "list", "a", true],
    ["ForAllValues:StringEquals", "list", ["a", "b", "c"], true],
    ["ForAllValues:StringEquals", "list", ["a"], false],
    ["ForAllValues:StringEquals", "none", "a", true],
    ["ForAllValues:StringEquals", "absent", "a", true],
    ["ForAllValues:StringLike", "list", "?", true],
    ["ForAnyValue:StringLikeIfExists", "absent", "x", true],
    ["StringNotEquals", "list", "a", false],
    ["StringResembles", "text", "Blue", "unknown"],
    ["ForSomeValues:StringEquals", "list", "a", "unknown"],
  ];

describe("evaluateConditions", () => {
  it.each(rows)("%s %s %j: %s", (operator, key, values, expected) => {
    expect(evaluateConditions([{ operator, key, values: [values].flat() }], context)).toBe(expected);
  });

  it("fills policy variables in", () => {
    const condition = { operator: "StringEquals", key: "text", values: ["$" + "{colour}"] };
    const variables = (name: string) => (name === "colour" ? "Blue" : undefined);
    expect(evaluateConditions([condition], context, variables)).toBe(true);
    expect(evaluateConditions([condition], context)).toBe(false);
  });
});
