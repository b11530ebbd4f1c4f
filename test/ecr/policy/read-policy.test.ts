import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readResourcePolicy } from "../../../job/ecr/policy/read-policy.ts";
import { PromoterError } from "../../../job/error.ts";
import { anyPolicy } from "./arbitrary-policy.ts";

const statement = { Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" };

describe("reading a policy", () => {
  it("makes a list of a statement that stands alone, and changes nothing else", () => {
    const read = readResourcePolicy(JSON.stringify({ Version: "2008-10-17", Statement: statement }), "app");
    expect(read).toEqual({ Version: "2008-10-17", Statement: [statement] });
  });

  it("gives back whatever the grammar allows", () => {
    fc.assert(
      fc.property(anyPolicy(), (policy) => {
        expect(readResourcePolicy(JSON.stringify(policy), "app")).toEqual(JSON.parse(JSON.stringify(policy)));
      }),
    );
  });

  it("never takes what it does not understand", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          expect(readResourcePolicy(text, "app").Statement.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(PromoterError);
        }
      }),
    );
  });

  it.each<[string, unknown, RegExp]>([
    ["a list", [], /no JSON object/],
    ["null", null, /no JSON object/],
    ["no statement", { Version: "2012-10-17" }, /no Statement/],
    ["an empty list of statements", { Statement: [] }, /no Statement/],
    ["an unknown version", { Version: "2020-01-01", Statement: [statement] }, /Version/],
    ["an id that is no text", { Id: 7, Statement: [statement] }, /Id is no string/],
    ["an unknown element", { Statement: [statement], Statements: [] }, /"Statements"/],
    ["an unknown element of a statement", { Statement: [{ ...statement, Actions: [] }] }, /"Actions"/],
    ["a statement that is no object", { Statement: ["x"] }, /Statement\[0\] is no object/],
    ["a Sid that is no text", { Statement: [{ ...statement, Sid: 1 }] }, /Sid is no string/],
    ["a Sid twice", { Statement: [1, 2].map(() => ({ ...statement, Sid: "A" })) }, /the Sid "A"/],
    ["another effect", { Statement: [{ ...statement, Effect: "allow" }] }, /Effect/],
    ["no principal", { Statement: [{ Effect: "Allow", Action: "ecr:*" }] }, /Principal and NotPrincipal/],
    ["two principals", { Statement: [{ ...statement, NotPrincipal: "*" }] }, /Principal and NotPrincipal/],
    ["an empty principal", { Statement: [{ ...statement, Principal: {} }] }, /no principal/],
    ["a principal that is a text", { Statement: [{ ...statement, Principal: "me" }] }, /no principal/],
    ["no action", { Statement: [{ Effect: "Allow", Principal: "*" }] }, /Action and NotAction/],
    ["an empty list of actions", { Statement: [{ ...statement, Action: [] }] }, /no action/],
    ["a resource twice", { Statement: [{ ...statement, Resource: "*", NotResource: "*" }] }, /both Resource/],
    ["a resource that is no text", { Statement: [{ ...statement, Resource: 1 }] }, /no resource/],
    ["a condition without keys", { Statement: [{ ...statement, Condition: { Bool: true } }] }, /Condition/],
    [
      "a condition of nested values",
      { Statement: [{ ...statement, Condition: { A: { b: {} } } }] },
      /Condition/,
    ],
  ])("refuses %s", (_, document, message) => {
    expect(() => readResourcePolicy(JSON.stringify(document), "dev/app")).toThrow(
      expect.objectContaining({ code: "InvalidResponse", message: expect.stringMatching(message) }),
    );
  });

  it("names the repository whose policy is no JSON", () => {
    expect(() => readResourcePolicy("{", "dev/app")).toThrow(/the policy of dev\/app: it is no JSON/);
  });
});
