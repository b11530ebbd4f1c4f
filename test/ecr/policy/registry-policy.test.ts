import { expect, it } from "vitest";
import { pullStatement } from "../../../job/ecr/policy/pull-statement.ts";
import { registryPolicy } from "../../../job/ecr/policy/registry-policy.ts";

it("is the repositories' statement with the repositories as its resources", () => {
  const statement = pullStatement({ organization: "o-a1b2c3d4e5" });
  const place = { partition: "aws", region: "eu-west-1", accountId: "111111111111" };
  expect(registryPolicy(statement, { ...place, repositories: ["team/*", "app"] })).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        ...statement,
        Resource: [
          "arn:aws:ecr:eu-west-1:111111111111:repository/team/*",
          "arn:aws:ecr:eu-west-1:111111111111:repository/app",
        ],
      },
    ],
  });
});
