import { describe, expect, it } from "vitest";
import { type CommandOptions, runCommand } from "./command-run.ts";
import { devHost, prodHost, region } from "./two-accounts.ts";

const route = ["--from", `${devHost}/dev`, "--to", `${prodHost}/prod`, "--namespace", "shop"];
const identity = "policies/destination-222222222222/identity-policy.json";
const repositoryPolicy = `policies/source-111111111111-${region}/repository-policy.json`;

const environments = `apiVersion: image-promoter/v1
kind: Promoter
environments:
  development:
    account: "111111111111"
    region: eu-west-1
  staging:
    account: "333333333333"
    region: eu-west-1
    promotesFrom: [development]
    jobRoleArn: arn:aws:iam::333333333333:role/platform/promoter
    images:
      include: ["team/*", app]
  production:
    account: "222222222222"
    region: eu-west-1
    promotesFrom: [staging, development]
`;

async function render(args: readonly string[], options: CommandOptions = {}) {
  const run = await runCommand(["render", "policies", "--output-dir", "policies", ...args], options);
  return { ...run, read: (path: string) => JSON.parse(run.written.get(path) ?? "null") };
}

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

function statement(policy: { Statement: Statement[] }, sid: string): Statement | undefined {
  return policy.Statement.find(({ Sid }) => Sid === sid);
}

describe("render policies", () => {
  it("takes both sides from the route", async () => {
    const { code, read, stderr } = await render(route);
    expect(stderr).toContain(identity);
    expect(code).toBe(0);
    expect(read(repositoryPolicy).Statement[0].Principal).toEqual({
      AWS: ["arn:aws:iam::222222222222:root"],
    });
    expect(statement(read(identity), "PullFromSources")?.Resource).toEqual([
      "arn:aws:ecr:eu-west-1:111111111111:repository/dev/*",
    ]);
    expect(statement(read(identity), "PushToDestinations")?.Resource).toEqual([
      "arn:aws:ecr:eu-west-1:222222222222:repository/prod/*",
    ]);
    expect(statement(read(identity), "CreateRepositories")).toBeUndefined();
  });

  it("takes repositories, whom to let in, and the pod from flags", async () => {
    const flags = [
      ...["--repository", "app", "--repository", "team/*", "--let-in", "roles", "--sid", "Mine", "--reads"],
      ...["--role-name", "platform/job", "--service-account", "job", "--audience", "other"],
      ...[
        "--oidc-provider",
        "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC",
        "--expire-untagged",
        "30",
        "--lifecycle",
      ],
    ];
    const { read, written } = await render([...route, ...flags]);
    expect(read(repositoryPolicy).Statement[0]).toMatchObject({
      Sid: "Mine",
      Principal: { AWS: ["arn:aws:iam::222222222222:role/platform/job"] },
      Action: expect.arrayContaining(["ecr:DescribeImages"]),
    });
    expect(statement(read(identity), "PushToDestinations")?.Resource).toEqual([
      "arn:aws:ecr:eu-west-1:222222222222:repository/prod/app",
      "arn:aws:ecr:eu-west-1:222222222222:repository/prod/team/*",
    ]);
    expect(
      read("policies/destination-222222222222/trust-policy.json").Statement[0].Condition.StringEquals,
    ).toEqual({
      "oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud": "other",
      "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:shop:job",
    });
    expect([...written.keys()].filter((path) => path.endsWith("lifecycle-policy.json"))).toHaveLength(2);
  });

  it("allows for creating repositories exactly what their settings need", async () => {
    const created = async (settings: string) => {
      const files = {
        "promoter.yaml": `apiVersion: image-promoter/v1\nkind: Promoter\ncopy:\n  createRepositories: ${settings}\n`,
      };
      const { read } = await render([...route, "--config", "promoter.yaml"], { files });
      return read(identity);
    };
    expect(statement(await created("true"), "CreateRepositories")?.Action).toEqual(["ecr:CreateRepository"]);
    const all = await created(
      "{ tags: { team: a }, lifecyclePolicy: { rules: [] }, repositoryPolicy: { Statement: [] }, encryption: { type: KMS, kmsKey: alias/images } }",
    );
    expect(statement(all, "CreateRepositories")?.Action).toEqual([
      "ecr:CreateRepository",
      "ecr:PutLifecyclePolicy",
      "ecr:SetRepositoryPolicy",
      "ecr:TagResource",
    ]);
    expect(statement(all, "EncryptRepositories")).toMatchObject({
      Resource: "arn:aws:kms:eu-west-1:222222222222:key/*",
    });
    const key = "arn:aws:kms:eu-west-1:222222222222:key/1234";
    const { read } = await render([...route, "--create-repositories", "--kms-key", key]);
    expect(statement(read(identity), "EncryptRepositories")?.Resource).toBe(key);
  });

  it("lets the Job sign with the key of KMS that attests, and with no other", async () => {
    const attested = async (key: string) => {
      const files = {
        "promoter.yaml": `apiVersion: image-promoter/v1\nkind: Promoter\nattestation: { enabled: true, key: "${key}" }\n`,
      };
      return (await render([...route, "--config", "promoter.yaml"], { files })).read(identity);
    };
    const arn = "arn:aws:kms:eu-west-1:222222222222:key/1234";
    expect(statement(await attested(`awskms:///${arn}`), "SignStatements")).toMatchObject({
      Action: ["kms:GetPublicKey", "kms:Sign"],
      Resource: arn,
    });
    expect(statement(await attested("cosign.key"), "SignStatements")).toBeUndefined();
  });

  it("serves all environments, each with what it promotes", async () => {
    const { read, stderr, code } = await render(["--config", "promoter.yaml", "--namespace", "shop"], {
      files: { "promoter.yaml": environments },
    });
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    expect(read(repositoryPolicy).Statement[0].Principal.AWS.toSorted()).toEqual([
      "arn:aws:iam::222222222222:root",
      "arn:aws:iam::333333333333:root",
    ]);
    const staging = read("policies/destination-333333333333/identity-policy.json");
    expect(statement(staging, "PullFromSources")?.Resource).toEqual([
      "arn:aws:ecr:eu-west-1:111111111111:repository/team/*",
      "arn:aws:ecr:eu-west-1:111111111111:repository/app",
    ]);
    expect(statement(staging, "PushToDestinations")?.Resource).toEqual([
      "arn:aws:ecr:eu-west-1:333333333333:repository/team/*",
      "arn:aws:ecr:eu-west-1:333333333333:repository/app",
    ]);
    expect(statement(read(identity), "PullFromSources")?.Resource.toSorted()).toEqual([
      "arn:aws:ecr:eu-west-1:111111111111:repository/*",
      "arn:aws:ecr:eu-west-1:333333333333:repository/*",
    ]);
  });

  it("has a role in place of repository policies where the configuration names one", async () => {
    const config = `apiVersion: image-promoter/v1
kind: Promoter
registries:
  - { host: ${devHost}, roleArn: "arn:aws:iam::111111111111:role/pull", externalId: secret-42 }
`;
    const { read } = await render([...route, "--config", "promoter.yaml"], {
      files: { "promoter.yaml": config },
    });
    expect(read(repositoryPolicy)).toBeNull();
    expect(read(`policies/source-111111111111-${region}/trust-policy.json`).Statement[0].Condition).toEqual({
      StringEquals: { "sts:ExternalId": "secret-42" },
    });
    expect(statement(read(identity), "AssumeRoles")?.Resource).toEqual([
      "arn:aws:iam::111111111111:role/pull",
    ]);
  });

  it.each([
    ["terraform", "policies/destination-222222222222.tf", /^resource "aws_eks_pod_identity_association"/m],
    ["cloudformation", "policies/destination-222222222222.yaml", /Type: AWS::EKS::PodIdentityAssociation/],
  ])("writes %s", async (format, path, content) => {
    const { written } = await render([...route, "--format", format, "--cluster", "prod"]);
    expect(written.get(path)).toMatch(content);
  });

  it("says whether files are current", async () => {
    const { written } = await render(route);
    const files = Object.fromEntries(written);
    expect((await render([...route, "--check"], { files })).code).toBe(0);
    const stale = await render([...route, "--check", "--reads"], { files });
    expect(stale.code).toBe(3);
    expect(stale.stderr).toContain(`${identity} is not current`);
  });
});

describe("wrong usage", () => {
  it.each<[string, readonly string[], string]>([
    ["no route", ["--namespace", "shop"], "No route leads into"],
    [
      "a destination that is no ECR registry",
      ["--from", devHost, "--to", "registry.example.com", "--namespace", "shop"],
      "No route leads into",
    ],
    ["no namespace", route.slice(0, 4), "in which namespace"],
    ["a namespace that is none", [...route, "--namespace", "Shop"], "--namespace"],
    ["a service account that is none", [...route, "--service-account", "a b"], "--service-account"],
    ["a role's name that is none", [...route, "--role-name", "arn:aws:iam::1:role/x"], "--role-name"],
    ["a provider that is none", [...route, "--oidc-provider", "cluster"], "no OIDC provider"],
    ["a cluster's ARN that is none", [...route, "--cluster-arn", "prod"], "--cluster-arn"],
    ["a key that is none", [...route, "--create-repositories", "--kms-key", "a key"], "no KMS key"],
    ["a number of days that is none", [...route, "--expire-untagged", "soon"], "--expire-untagged"],
    ["a repository that is none", [...route, "--repository", "App"], "no repository"],
    ["an organization that is none", [...route, "--organization", "mine"], "no id of an organization"],
    ["a language that is none", [...route, "--format", "pulumi"], "--format"],
  ])("%s", async (_, args, message) => {
    const { code, stderr, written } = await render(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(written.size).toBe(0);
  });

  it("no folder", async () => {
    const { code, stderr } = await runCommand(["render", "policies", ...route]);
    expect(stderr).toContain("--output-dir");
    expect(code).toBe(2);
  });
});
