import { expect, it } from "vitest";
import { isPattern, parseRepositoryPattern, repositoryArns } from "../../../job/ecr/policy/registry-place.ts";

it.each(["app", "team/app", "team/*", "*", "a.b_c-d/e", "*/app", "x".repeat(256)])("takes %s", (text) => {
  expect(parseRepositoryPattern(text)).toBe(text);
});

it.each(["", "App", "team/app:1", "/app", "a b", "app@sha256", "{x}", "x".repeat(257), "app?"])(
  "refuses %j",
  (text) => {
    expect(() => parseRepositoryPattern(text)).toThrow(expect.objectContaining({ code: "Usage" }));
  },
);

it("tells patterns from names", () => {
  expect(["team/*", "*", "app"].map(isPattern)).toEqual([true, true, false]);
});

it("names repositories by ARN", () => {
  const place = { partition: "aws-cn", region: "cn-north-1", accountId: "111111111111" };
  expect(repositoryArns({ ...place, repositories: ["app", "team/*"] })).toEqual([
    "arn:aws-cn:ecr:cn-north-1:111111111111:repository/app",
    "arn:aws-cn:ecr:cn-north-1:111111111111:repository/team/*",
  ]);
});
