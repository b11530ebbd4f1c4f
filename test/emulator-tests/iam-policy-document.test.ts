import { describe, expect, it } from "vitest";
import { type PolicyKind, parsePolicyDocument, readPolicyDocument } from "../emulator/iam/policy-document.ts";

const statement = { Effect: "Allow", Action: "ecr:*", Resource: "*" };
const grant = { Effect: "Allow", Action: "ecr:*", Principal: "*" };
const resource = (rest: object) => ({ Statement: [{ ...grant, ...rest }] });
const identity = (rest: object) => ({ Statement: [{ ...statement, ...rest }] });

describe("readPolicyDocument", () => {
  it("takes single values for lists", () => {
    const policy = readPolicyDocument(
      {
        Version: "2012-10-17",
        Id: "policy",
        Statement: {
          ...{ Sid: "Pull", Effect: "Allow", Action: "ecr:BatchGetImage" },
          Principal: { AWS: "111122223333" },
          Condition: { Bool: { "aws:SecureTransport": true } },
        },
      },
      "resource",
    );
    expect(policy).toEqual({
      version: "2012-10-17",
      statements: [
        {
          sid: "Pull",
          effect: "Allow",
          actions: ["ecr:BatchGetImage"],
          principal: { everyone: false, aws: ["111122223333"], federated: [], service: [] },
          conditions: [{ operator: "Bool", key: "aws:SecureTransport", values: ["true"] }],
        },
      ],
    });
  });

  it("takes a policy without a version for one of 2008-10-17", () => {
    expect(readPolicyDocument(identity({}), "identity").version).toBe("2008-10-17");
  });

  it.each<[string, PolicyKind, unknown, RegExp]>([
    ["no object", "identity", [], /no JSON object/],
    ["an unknown version", "identity", { Version: "2020-01-01", Statement: statement }, /Version/],
    ["an unknown element", "identity", { Statement: statement, Stuff: 1 }, /"Stuff"/],
    ["an unknown element of a statement", "identity", identity({ Actions: [] }), /"Actions"/],
    ["no statement", "identity", {}, /no Statement/],
    ["an empty list of statements", "identity", { Statement: [] }, /no Statement/],
    ["no effect", "identity", { Statement: { Action: "*", Resource: "*" } }, /Effect/],
    ["an effect in small letters", "identity", identity({ Effect: "allow" }), /Effect/],
    [
      "two statements of one Sid",
      "identity",
      {
        Statement: [
          { ...statement, Sid: "a" },
          { ...statement, Sid: "a" },
        ],
      },
      /Sid/,
    ],
    ["Action beside NotAction", "identity", identity({ NotAction: "s3:*" }), /exactly one/],
    ["no action", "resource", { Statement: { Effect: "Allow", Principal: "*" } }, /exactly one/],
    ["an action without a service", "identity", identity({ Action: "BatchGetImage" }), /no action/],
    ["an empty list of actions", "identity", identity({ Action: [] }), /Action/],
    ["an identity policy with a principal", "identity", identity({ Principal: "*" }), /Principal/],
    [
      "an identity policy without a resource",
      "identity",
      { Statement: { Effect: "Allow", Action: "*" } },
      /Resource/,
    ],
    ["a resource that is no ARN", "identity", identity({ Resource: "team/app" }), /no ARN/],
    ["a trust policy with a resource", "trust", resource({ Resource: "*" }), /Resource/],
    ["a resource policy without a principal", "resource", { Statement: statement }, /Principal/],
    ["Principal beside NotPrincipal", "resource", resource({ NotPrincipal: "*" }), /exactly one/],
    [
      "a principal with wildcards",
      "resource",
      resource({ Principal: { AWS: "arn:aws:iam::111122223333:role/*" } }),
      /no principal/,
    ],
    ["a principal of another kind", "resource", resource({ Principal: { Group: "x" } }), /no kind/],
    ["a principal that is no list", "resource", resource({ Principal: { AWS: 111122223333 } }), /AWS/],
    ["an account id too short", "resource", resource({ Principal: { AWS: "1234" } }), /no principal/],
    ["a condition that is no object", "resource", resource({ Condition: "Bool" }), /Condition/],
    [
      "a condition's value that is an object",
      "resource",
      resource({ Condition: { Bool: { a: {} } } }),
      /no string/,
    ],
  ])("refuses %s", (_, kind, document, message) => {
    expect(() => readPolicyDocument(document, kind)).toThrow(message);
  });

  it("refuses text that is no JSON", () => {
    expect(() => parsePolicyDocument("{", "identity")).toThrow(/no JSON/);
  });
});
