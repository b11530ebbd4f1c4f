import { describe, expect, it } from "vitest";
import { keyPolicyStatement, keyStatements } from "../../../job/ecr/policy/kms-statement.ts";

const ireland = { partition: "aws", region: "eu-west-1", accountId: "222222222222" };
const frankfurt = { ...ireland, region: "eu-central-1" };
const china = { partition: "aws-cn", region: "cn-north-1", accountId: "222222222222" };

describe("keys that encrypt new repositories", () => {
  it.each([
    ["arn:aws:kms:eu-west-1:333333333333:key/1234", "arn:aws:kms:eu-west-1:333333333333:key/1234"],
    ["1234abcd", "arn:aws:kms:eu-west-1:222222222222:key/1234abcd"],
    ["mrk-1234", "arn:aws:kms:eu-west-1:222222222222:key/mrk-1234"],
  ])("%s", (key, resource) => {
    expect(keyStatements([key], [ireland])).toEqual([
      {
        Sid: "EncryptRepositories",
        Effect: "Allow",
        Action: ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
        Resource: resource,
        Condition: { StringEquals: { "kms:ViaService": "ecr.eu-west-1.amazonaws.com" } },
      },
    ]);
  });

  it.each(["alias/images", "arn:aws:kms:eu-west-1:222222222222:alias/images"])(
    "%s, by a condition, for IAM looks no alias up",
    (key) => {
      expect(keyStatements([key], [ireland])).toMatchObject([
        {
          Resource: "arn:aws:kms:eu-west-1:222222222222:key/*",
          Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/images" } },
        },
      ]);
    },
  );

  it("are allowed where they are: an ARN in its region, an alias in each", () => {
    const keys = ["arn:aws:kms:eu-west-1:222222222222:key/1", "alias/images"];
    const statements = keyStatements(keys, [ireland, frankfurt, ireland]);
    expect(statements.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ["EncryptRepositories", "arn:aws:kms:eu-west-1:222222222222:key/1"],
      ["EncryptRepositories2", "arn:aws:kms:eu-west-1:222222222222:key/*"],
      ["EncryptRepositories3", "arn:aws:kms:eu-central-1:222222222222:key/*"],
    ]);
  });

  it("go through ECR in China under either suffix", () => {
    expect(keyStatements(["1"], [china])[0]?.Condition?.StringEquals).toEqual({
      "kms:ViaService": ["ecr.cn-north-1.amazonaws.com", "ecr.cn-north-1.amazonaws.com.cn"],
    });
  });
});

it("lets a key's own policy allow the same", () => {
  const role = "arn:aws:iam::222222222222:role/image-promoter";
  expect(keyPolicyStatement(ireland, [role])).toEqual({
    Sid: "ImagePromoterCreatesRepositories",
    Effect: "Allow",
    Principal: { AWS: [role] },
    Action: ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
    Resource: "*",
    Condition: {
      StringEquals: { "kms:CallerAccount": "222222222222", "kms:ViaService": "ecr.eu-west-1.amazonaws.com" },
    },
  });
});
