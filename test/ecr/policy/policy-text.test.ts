import { expect, it } from "vitest";
import { policyOf } from "../../../job/ecr/policy/policy-document.ts";
import { policyText } from "../../../job/ecr/policy/policy-text.ts";

const empty = JSON.stringify(policyOf({ Sid: "", Effect: "Allow" })).length;
const ofLength = (length: number) => policyOf({ Sid: "x".repeat(length - empty), Effect: "Allow" });

it("takes as many characters as ECR does, and not one more", () => {
  expect(policyText(ofLength(10_240), "the policy of app")).toHaveLength(10_240);
  expect(() => policyText(ofLength(10_241), "the policy of app")).toThrow(
    expect.objectContaining({
      code: "InvalidConfiguration",
      message: "Cannot use the policy of app: it would have 10241 characters, and AWS takes 10240",
    }),
  );
});

it("takes another limit", () => {
  expect(() => policyText(ofLength(2_049), "the trust policy", 2_048)).toThrow(/2049 characters/);
});
