import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PolicyStatement } from "../../../job/ecr/policy/policy-document.ts";
import { isSameStatement } from "../../../job/ecr/policy/same-statement.ts";
import { anyStatement, rewritten } from "./arbitrary-policy.ts";

const base: PolicyStatement = {
  Sid: "Pull",
  Effect: "Allow",
  Principal: { AWS: ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:role/x"] },
  Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" }, Bool: { "aws:SecureTransport": true } },
};

describe("statements that mean the same", () => {
  it.each<[string, PolicyStatement]>([
    ["itself", base],
    ["actions in another order", { ...base, Action: ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"] }],
    ["actions in another case", { ...base, Action: ["ECR:batchgetimage", "ecr:GetDownloadUrlForLayer"] }],
    [
      "an action twice",
      { ...base, Action: ["ecr:BatchGetImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] },
    ],
    [
      "principals in another order, an account by its number",
      { ...base, Principal: { AWS: ["arn:aws:iam::222222222222:role/x", "111111111111"] } },
    ],
    [
      "conditions in another order, with a list of one and a boolean in quotes",
      {
        ...base,
        Condition: {
          Bool: { "aws:securetransport": "true" },
          StringEquals: { "aws:PrincipalOrgId": ["o-1"] },
        },
      },
    ],
  ])("%s", (_, other) => {
    expect(isSameStatement(base, other)).toBe(true);
    expect(isSameStatement(other, base)).toBe(true);
  });

  it("has everybody in two ways", () => {
    const everybody = { ...base, Principal: "*" } as const;
    expect(isSameStatement(everybody, { ...base, Principal: { AWS: "*" } })).toBe(true);
    expect(isSameStatement(everybody, { ...base, Principal: { AWS: ["*"] } })).toBe(true);
  });

  it("however it is written", () => {
    fc.assert(fc.property(anyStatement(), (statement) => isSameStatement(statement, rewritten(statement))));
  });
});

describe("statements that do not", () => {
  it.each<[string, PolicyStatement]>([
    ["another Sid", { ...base, Sid: "Other" }],
    ["another effect", { ...base, Effect: "Deny" }],
    ["one action less", { ...base, Action: "ecr:BatchGetImage" }],
    ["the opposite of the actions", { ...without("Action"), NotAction: base.Action ?? "" }],
    ["another account", { ...base, Principal: { AWS: "333333333333" } }],
    ["everybody but them", { ...without("Principal"), NotPrincipal: base.Principal ?? "*" }],
    ["another kind of principal", { ...base, Principal: { Service: "x.amazonaws.com" } }],
    ["a resource", { ...base, Resource: "*" }],
    ["everything but a resource", { ...base, NotResource: "*" }],
    ["no condition", without("Condition")],
    ["another operator", { ...base, Condition: { StringLike: { "aws:PrincipalOrgID": "o-1" } } }],
    ["another value", { ...base, Condition: { StringEquals: { "aws:PrincipalOrgID": "O-1" } } }],
  ])("%s", (_, other) => {
    expect(isSameStatement(base, other)).toBe(false);
  });
});

function without(element: keyof PolicyStatement): PolicyStatement {
  const { [element]: _, ...rest } = base;
  return { Effect: base.Effect, ...rest };
}
