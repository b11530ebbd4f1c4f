import { describe, expect, it } from "vitest";
import { identityPolicy } from "../../../job/ecr/policy/identity-policy.ts";

const dev = { partition: "aws", region: "eu-west-1", accountId: "111111111111", repositories: ["team/*"] };
const prod = { ...dev, accountId: "222222222222" };

function grants(policy: ReturnType<typeof identityPolicy>) {
  return Object.fromEntries(policy.Statement.map(({ Sid, Action, Resource }) => [Sid, { Action, Resource }]));
}

describe("the Job's policy", () => {
  it("is to pull from the sources and push to the destinations, and nothing else", () => {
    expect(grants(identityPolicy({ sources: [dev], destinations: [prod] }))).toEqual({
      Login: { Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
      PullFromSources: {
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: ["arn:aws:ecr:eu-west-1:111111111111:repository/team/*"],
      },
      PushToDestinations: {
        Action: [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ],
        Resource: ["arn:aws:ecr:eu-west-1:222222222222:repository/team/*"],
      },
    });
  });

  it.each([
    [{}, ["ecr:CreateRepository"]],
    [{ tags: true }, ["ecr:CreateRepository", "ecr:TagResource"]],
    [{ lifecyclePolicy: true }, ["ecr:CreateRepository", "ecr:PutLifecyclePolicy"]],
    [{ repositoryPolicy: true }, ["ecr:CreateRepository", "ecr:SetRepositoryPolicy"]],
  ])("creates repositories with %j by %j", (createRepositories, actions) => {
    const policy = identityPolicy({ sources: [], destinations: [prod], createRepositories });
    expect(grants(policy).CreateRepositories).toEqual({
      Action: actions,
      Resource: ["arn:aws:ecr:eu-west-1:222222222222:repository/team/*"],
    });
  });

  it("takes on roles in place of pulling", () => {
    const role = "arn:aws:iam::111111111111:role/pull";
    const taking = (passesTags: boolean) =>
      grants(identityPolicy({ sources: [], destinations: [prod], assumeRoles: [role], passesTags }));
    expect(taking(false)).not.toHaveProperty("PullFromSources");
    expect(taking(false).AssumeRoles).toEqual({ Action: ["sts:AssumeRole"], Resource: [role] });
    expect(taking(true).AssumeRoles?.Action).toEqual(["sts:AssumeRole", "sts:TagSession"]);
  });

  it("of a source's role is to pull alone", () => {
    expect(Object.keys(grants(identityPolicy({ sources: [dev], destinations: [] })))).toEqual([
      "Login",
      "PullFromSources",
    ]);
  });

  it("asks for plan and doctor only where that is wanted", () => {
    const policy = identityPolicy({ sources: [dev], destinations: [prod], reads: true });
    expect(Object.keys(grants(policy)).filter((sid) => sid.startsWith("Inspect"))).toEqual([
      "InspectSources",
      "InspectDestinations",
      "InspectRegistry",
    ]);
  });

  it("asks what scans found only where a gate wants to know, of Inspector too", () => {
    const { ReadScanFindings, ReadInspectorFindings } = grants(
      identityPolicy({ sources: [dev], destinations: [prod], scans: true }),
    );
    expect(ReadScanFindings?.Action).toEqual(["ecr:DescribeImageScanFindings"]);
    expect(ReadScanFindings?.Resource).toHaveLength(2);
    expect(ReadInspectorFindings).toMatchObject({ Action: ["inspector2:ListFindings"], Resource: ["*"] });
    expect(identityPolicy({ sources: [], destinations: [], scans: true }).Statement).toEqual([]);
  });

  it.each([
    ["key/1234", { Resource: "arn:aws:kms:eu-west-1:222222222222:key/1234" }],
    [
      "alias/promotions",
      {
        Resource: "arn:aws:kms:eu-west-1:222222222222:key/*",
        Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/promotions" } },
      },
    ],
  ])("signs with %s of KMS where that is the key of attestations", (name, expected) => {
    const signingKey = `arn:aws:kms:eu-west-1:222222222222:${name}`;
    const { Statement } = identityPolicy({ sources: [dev], destinations: [prod], signingKey });
    expect(Statement.find(({ Sid }) => Sid === "SignStatements")).toEqual({
      Sid: "SignStatements",
      Effect: "Allow",
      Action: ["kms:GetPublicKey", "kms:Sign"],
      ...expected,
    });
  });

  it("has all regions and partitions of its places", () => {
    const china = { ...prod, partition: "aws-cn", region: "cn-north-1", repositories: ["a", "b/*"] };
    const { PushToDestinations } = grants(identityPolicy({ sources: [], destinations: [prod, china] }));
    expect(PushToDestinations?.Resource).toEqual([
      "arn:aws:ecr:eu-west-1:222222222222:repository/team/*",
      "arn:aws-cn:ecr:cn-north-1:222222222222:repository/a",
      "arn:aws-cn:ecr:cn-north-1:222222222222:repository/b/*",
    ]);
  });

  it("never allows everything", () => {
    const everything = { tags: true, lifecyclePolicy: true, repositoryPolicy: true, kmsKeys: ["alias/x"] };
    const policy = identityPolicy({
      sources: [dev],
      destinations: [prod],
      reads: true,
      scans: true,
      createRepositories: everything,
    });
    const anyResource = new Set([
      "ecr:GetAuthorizationToken",
      "ecr:GetAccountSetting",
      "inspector2:ListFindings",
    ]);
    for (const { Action, Resource } of policy.Statement) {
      for (const action of [Action ?? []].flat()) {
        expect(action).not.toContain("*");
        if ([Resource].flat().includes("*")) expect(anyResource).toContain(action);
      }
    }
  });
});
