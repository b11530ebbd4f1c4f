import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type RenderPoliciesOptions, renderPolicies } from "../../job/render/policies.ts";
import { describeWithTerraform } from "./terraform.ts";

const dev = {
  partition: "aws",
  region: "eu-west-1",
  accountId: "011111111111",
  repositories: ["team/*", "app"],
};
const prod = { ...dev, accountId: "222222222222", repositories: ["team/*"] };
const pullRole = { arn: "arn:aws:iam::011111111111:role/ci/pull", externalId: "a$" + "{b}" };
const pod = { namespace: "shop", serviceAccount: "image-promoter" };
const provider = "arn:aws:iam::222222222222:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC";

const base: RenderPoliciesOptions = {
  format: "json",
  sources: [dev],
  destinations: [prod],
  pullers: "accounts",
  roleName: "image-promoter",
  trust: { kind: "pod-identity", ...pod },
  createRepositories: false,
  reads: false,
  scans: false,
  lifecycle: false,
};

const variants: Readonly<Record<string, Partial<RenderPoliciesOptions>>> = {
  "nothing but what is needed": {},
  everything: {
    pullers: { organization: "o-a1b2c3d4e5" },
    trust: {
      kind: "pod-identity",
      ...pod,
      clusterName: "prod",
      clusterArn: "arn:aws:eks:eu-west-1:222222222222:cluster/prod",
    },
    createRepositories: {
      tags: true,
      lifecyclePolicy: true,
      repositoryPolicy: true,
      kmsKeys: ["alias/a", "1234"],
    },
    reads: true,
    scans: true,
    lifecycle: true,
    expireUntaggedDays: 90,
    roleName: "platform/promotion/image-promoter",
    sid: "Mine",
  },
  "IRSA and the Job's role alone": {
    pullers: "roles",
    trust: { kind: "irsa", ...pod, oidcProviders: [provider] },
    sources: [{ ...dev, repositories: ["a.b", "c"] }],
  },
  "a role of the source's account": {
    sources: [
      { ...dev, role: pullRole },
      { ...dev, region: "us-east-1", role: pullRole },
    ],
    lifecycle: true,
  },
  "several environments": {
    sources: [dev, { ...prod, accountId: "333333333333" }],
    destinations: [
      { ...prod, accountId: "333333333333", sources: [dev], roleName: "staging" },
      { ...prod, sources: [{ ...prod, accountId: "333333333333" }] },
      { ...prod, region: "us-east-1", sources: [dev] },
    ],
  },
};

function render(options: Partial<RenderPoliciesOptions> = {}): ReadonlyMap<string, string> {
  return new Map(renderPolicies({ ...base, ...options }).map(({ path, content }) => [path, content]));
}

function document(path: string, options: Partial<RenderPoliciesOptions> = {}) {
  return JSON.parse(render(options).get(path) ?? "null");
}

describe("the files", () => {
  it.each<[string, keyof typeof variants & string, RenderPoliciesOptions["format"], readonly string[]]>([
    [
      "of a source and a destination",
      "nothing but what is needed",
      "json",
      [
        "source-011111111111-eu-west-1/repository-policy.json",
        "source-011111111111-eu-west-1/registry-policy.json",
        "destination-222222222222/identity-policy.json",
        "destination-222222222222/trust-policy.json",
      ],
    ],
    [
      "of everything",
      "everything",
      "json",
      [
        "source-011111111111-eu-west-1/repository-policy.json",
        "source-011111111111-eu-west-1/registry-policy.json",
        "source-011111111111-eu-west-1/lifecycle-policy.json",
        "destination-222222222222/identity-policy.json",
        "destination-222222222222/trust-policy.json",
        "destination-222222222222/key-policy.json",
        "destination-222222222222/lifecycle-policy.json",
      ],
    ],
    [
      "of a source's role, once for all of its regions",
      "a role of the source's account",
      "json",
      [
        "source-011111111111-eu-west-1/identity-policy.json",
        "source-011111111111-eu-west-1/trust-policy.json",
        "source-011111111111-eu-west-1/lifecycle-policy.json",
        "source-011111111111-us-east-1/lifecycle-policy.json",
        "destination-222222222222/identity-policy.json",
        "destination-222222222222/trust-policy.json",
      ],
    ],
    [
      "of several environments",
      "several environments",
      "terraform",
      [
        "source-011111111111-eu-west-1.tf",
        "source-333333333333-eu-west-1.tf",
        "destination-333333333333.tf",
        "destination-222222222222.tf",
      ],
    ],
    [
      "of CloudFormation, none without resources",
      "a role of the source's account",
      "cloudformation",
      ["source-011111111111-eu-west-1.yaml", "destination-222222222222.yaml"],
    ],
  ])("%s", (_, variant, format, paths) => {
    expect([...render({ ...variants[variant], format }).keys()]).toEqual(paths);
  });
});

describe("who is let in", () => {
  const repositoryPolicy = "source-011111111111-eu-west-1/repository-policy.json";

  it.each([
    ["accounts", "accounts", { AWS: ["arn:aws:iam::222222222222:root"] }],
    ["the Job's roles", "roles", { AWS: ["arn:aws:iam::222222222222:role/image-promoter"] }],
    ["an organization", { organization: "o-a1b2c3d4e5" }, "*"],
  ] as const)("%s", (_, pullers, principal) => {
    expect(document(repositoryPolicy, { pullers }).Statement[0].Principal).toEqual(principal);
  });

  it("only those who promote from there", () => {
    const options = variants["several environments"];
    expect(document(repositoryPolicy, options).Statement[0].Principal.AWS).toEqual([
      "arn:aws:iam::333333333333:root",
      "arn:aws:iam::222222222222:root",
    ]);
    const staging = document("source-333333333333-eu-west-1/repository-policy.json", options);
    expect(staging.Statement[0].Principal.AWS).toEqual(["arn:aws:iam::222222222222:root"]);
    const roles = document(repositoryPolicy, { ...options, pullers: "roles" });
    expect(roles.Statement[0].Principal.AWS).toEqual([
      "arn:aws:iam::333333333333:role/staging",
      "arn:aws:iam::222222222222:role/image-promoter",
    ]);
  });

  it("and each pulls only from where it promotes from", () => {
    const pulled = (account: string) =>
      document(
        `destination-${account}/identity-policy.json`,
        variants["several environments"],
      ).Statement.find(({ Sid }: { Sid: string }) => Sid === "PullFromSources").Resource;
    expect(pulled("333333333333")).toEqual([
      "arn:aws:ecr:eu-west-1:011111111111:repository/team/*",
      "arn:aws:ecr:eu-west-1:011111111111:repository/app",
    ]);
    expect(pulled("222222222222")).toContain("arn:aws:ecr:eu-west-1:333333333333:repository/team/*");
  });

  it("nobody within one account", () => {
    const options = { destinations: [{ ...prod, accountId: dev.accountId }] };
    expect([...render(options).keys()]).toEqual([
      "destination-011111111111/identity-policy.json",
      "destination-011111111111/trust-policy.json",
    ]);
    expect([...render({ ...options, format: "terraform" }).keys()]).toEqual(["destination-011111111111.tf"]);
  });
});

describe("a role of the source's account", () => {
  const options = variants["a role of the source's account"];

  it("pulls from all of its regions, and is taken on by the Job's role", () => {
    const identity = document("source-011111111111-eu-west-1/identity-policy.json", options);
    expect(identity.Statement[1].Resource).toEqual([
      "arn:aws:ecr:eu-west-1:011111111111:repository/team/*",
      "arn:aws:ecr:eu-west-1:011111111111:repository/app",
      "arn:aws:ecr:us-east-1:011111111111:repository/team/*",
      "arn:aws:ecr:us-east-1:011111111111:repository/app",
    ]);
    expect(document("source-011111111111-eu-west-1/trust-policy.json", options).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::222222222222:role/image-promoter"] },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: { StringEquals: { "sts:ExternalId": pullRole.externalId } },
      },
    ]);
    const job = document("destination-222222222222/identity-policy.json", options);
    expect(job.Statement.at(-1)).toEqual({
      Sid: "AssumeRoles",
      Effect: "Allow",
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Resource: [pullRole.arn],
    });
  });
});

describe("what cannot be used", () => {
  it.each<[string, Partial<RenderPoliciesOptions>, string]>([
    [
      "a provider of another account",
      { trust: { kind: "irsa", ...pod, oidcProviders: [provider.replace("2222", "4444")] } },
      "No OIDC provider",
    ],
    [
      "two providers for one account",
      { trust: { kind: "irsa", ...pod, oidcProviders: [provider, "oidc.example.com"] } },
      "More than one OIDC provider",
    ],
    [
      "a policy that is too long",
      { sources: [{ ...dev, repositories: Array.from({ length: 200 }, (_, n) => `team/application-${n}`) }] },
      "AWS takes",
    ],
  ])("%s", (_, options, message) => {
    expect(() => render(options)).toThrow(message);
  });
});

describe("CloudFormation", () => {
  const custom = ["Ref", "GetAtt"].map((name) => ({
    tag: `!${name}`,
    resolve: (text: string) => ({ [name]: text }),
  }));
  const read = (text: string) => parse(text, { customTags: custom, schema: "yaml-1.1" });

  it.each(Object.keys(variants))("says the same as the JSON, with %s", (variant) => {
    const options = variants[variant] ?? {};
    for (const [path, text] of render({ ...options, format: "cloudformation" })) {
      const name = path.replace(".yaml", "");
      const { Resources } = read(text);
      const policies = {
        "registry-policy": Resources.RegistryPolicy?.Properties.PolicyText,
        "identity-policy": Resources.Policy?.Properties.PolicyDocument,
        "trust-policy": Resources.Role?.Properties.AssumeRolePolicyDocument,
      };
      for (const [kind, policy] of Object.entries(policies)) {
        expect(policy ?? null).toEqual(document(`${name}/${kind}.json`, options));
      }
      expect(text).not.toMatch(/[&*]a\d/);
    }
  });

  it("makes the role and its association", () => {
    const text = render({ ...variants.everything, format: "cloudformation" }).get(
      "destination-222222222222.yaml",
    );
    const { Resources, Outputs } = read(text ?? "");
    expect(Resources.Role).toMatchObject({
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "image-promoter",
        Path: "/platform/promotion/",
        ManagedPolicyArns: [{ Ref: "Policy" }],
      },
    });
    expect(Resources.Policy.Type).toBe("AWS::IAM::ManagedPolicy");
    expect(Resources.PodIdentityAssociation).toEqual({
      Type: "AWS::EKS::PodIdentityAssociation",
      Properties: {
        ClusterName: "prod",
        Namespace: "shop",
        ServiceAccount: "image-promoter",
        RoleArn: { GetAtt: "Role.Arn" },
      },
    });
    expect(Outputs).toEqual({ RoleArn: { Value: { GetAtt: "Role.Arn" } } });
  });
});

describe("Terraform", () => {
  it("writes down the resources", () => {
    const files = render({ ...variants.everything, format: "terraform" });
    const resources = (path: string) =>
      [...(files.get(path) ?? "").matchAll(/^(?:resource|data) "(\w+)"/gm)].map(([, type]) => type);
    expect(resources("source-011111111111-eu-west-1.tf")).toEqual([
      "aws_ecr_repositories",
      "aws_ecr_repository_policy",
      "aws_ecr_lifecycle_policy",
    ]);
    expect(resources("destination-222222222222.tf")).toEqual([
      "aws_iam_role",
      "aws_iam_policy",
      "aws_iam_role_policy_attachment",
      "aws_eks_pod_identity_association",
    ]);
  });

  it("picks repositories as the patterns do", () => {
    const text = render({ format: "terraform", sources: [{ ...dev, repositories: ["team/*", "a.b"] }] }).get(
      "source-011111111111-eu-west-1.tf",
    );
    expect(text).toContain('if can(regex("^(?:team/.*|a\\\\.b)$", name))');
    const named = render({ format: "terraform", sources: [{ ...dev, repositories: ["a.b", "c"] }] });
    expect(named.get("source-011111111111-eu-west-1.tf")).toContain('toset([\n    "a.b",\n    "c",\n  ])');
  });

  describeWithTerraform((terraform) => {
    it.each(Object.keys(variants))("is laid out as terraform does, with %s", async (variant) => {
      const folder = await mkdtemp(join(tmpdir(), "policies-"));
      try {
        for (const [path, text] of render({ ...variants[variant], format: "terraform" })) {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), text);
        }
        const wrong = execFileSync(terraform, ["fmt", "-check", "-list=true", folder], {
          stdio: ["ignore", "pipe", "ignore"],
        });
        expect(wrong.toString()).toBe("");
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it.each(Object.keys(variants))("says the same as the JSON, with %s", async (variant) => {
      const options = variants[variant] ?? {};
      const folder = await mkdtemp(join(tmpdir(), "policies-"));
      try {
        for (const [path, text] of render({ ...options, format: "terraform" })) {
          const name = path.replace(".tf", "");
          const written = [
            ...text.matchAll(
              /^resource "(\w+)" [^\n]*\n(?: {2}[^\n]*\n)*? {2}(?:policy|assume_role_policy)\s+= (jsonencode\([\s\S]*?\n {2}\}\))$/gm,
            ),
          ];
          const outputs = written.map(([, type, value]) => `output "${type}" {\n  value = ${value}\n}\n`);
          await writeFile(join(folder, "main.tf"), outputs.join(""));
          execFileSync(terraform, ["apply", "-auto-approve"], { cwd: folder, stdio: "ignore" });
          const said = execFileSync(terraform, ["output", "-json"], {
            cwd: folder,
            stdio: ["ignore", "pipe", "ignore"],
          });
          const values: Record<string, { value: string }> = JSON.parse(said.toString());
          const kinds = {
            aws_ecr_repository_policy: "repository-policy",
            aws_iam_role: "trust-policy",
            aws_iam_policy: "identity-policy",
          };
          for (const [type, kind] of Object.entries(kinds)) {
            expect(JSON.parse(values[type]?.value ?? "null")).toEqual(
              document(`${name}/${kind}.json`, options),
            );
          }
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
});
