import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  devAccount,
  devHost,
  prodAccount,
  prodHost,
  region,
  type TwoAccounts,
  twoAccounts,
} from "./two-accounts.ts";

const build = { Sid: "Build", Effect: "Allow", Principal: { AWS: devAccount }, Action: "ecr:PutImage" };
const pull = {
  Sid: "ImagePromoterPull",
  Effect: "Allow",
  Principal: { AWS: [`arn:aws:iam::${prodAccount}:root`] },
  Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
};

let world: TwoAccounts;
beforeAll(async () => {
  world = await twoAccounts();
});
afterAll(() => world[Symbol.asyncDispose]());

interface PolicyRun {
  readonly terminal?: boolean;
  /** Account of the administrator. Default development's. */
  readonly as?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs `policy` as an administrator of development. */
function policy(args: readonly string[], options: PolicyRun = {}) {
  const admin = world.emulator.account(options.as ?? devAccount).admin();
  const env = {
    AWS_ACCESS_KEY_ID: admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
    PROMOTER_FROM: undefined,
    PROMOTER_TO: undefined,
  };
  const { files = {}, terminal = false } = options;
  return world.run(["policy", ...args], { env, files, terminal });
}

function repository(name: string, statements: readonly object[] = []) {
  const made = world.emulator.repository(devAccount, region, name);
  delete made.policyText;
  if (statements.length > 0)
    made.policyText = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return () => JSON.parse(made.policyText ?? '{"Statement":[]}').Statement;
}

describe("policy apply", () => {
  it("lets an account pull from all repositories that match, and only from those", async () => {
    const [app, web, other] = [repository("one/app"), repository("one/web", [build]), repository("two/app")];
    const { code, stdout } = await policy([
      "apply",
      devHost,
      "--repository",
      "one/*",
      "--principal",
      prodAccount,
    ]);
    expect(stdout).toBe(
      `✓ updated ${devHost}/one/app (ImagePromoterPull added)
✓ updated ${devHost}/one/web (ImagePromoterPull added)
2 repositories: 2 updated
`,
    );
    expect(code).toBe(0);
    expect([app(), web(), other()]).toEqual([[pull], [build, pull], []]);
  });

  it("says nothing to do the second time", async () => {
    repository("again/app");
    const args = ["apply", devHost, "--repository", "again/app", "--principal", prodAccount];
    await policy(args);
    expect(await policy(args)).toMatchObject({
      code: 0,
      stdout: `= up to date ${devHost}/again/app\n1 repository: 1 up to date\n`,
    });
  });

  it("takes a prefix for the repositories, and a role or an organization for the account", async () => {
    const app = repository("pre/fix/app");
    const role = `arn:aws:iam::${prodAccount}:role/image-promoter`;
    await policy(["apply", `${devHost}/pre/fix`, "--principal", role, "--principal", "333333333333"]);
    expect(app()).toMatchObject([{ Principal: { AWS: [role, "arn:aws:iam::333333333333:root"] } }]);
    await policy(["apply", `${devHost}/pre`, "--repository", "fix/app", "--organization", "o-a1b2c3d4e5"]);
    expect(app()).toMatchObject([
      { Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } },
    ]);
  });

  it("keeps groups apart by Sid", async () => {
    const app = repository("groups/app", [pull]);
    const named = ["apply", devHost, "--repository", "groups/app", "--principal", "333333333333"];
    await policy([...named, "--sid", "Staging", "--reads"]);
    expect(app()).toMatchObject([pull, { Sid: "Staging", Action: [...pull.Action, "ecr:DescribeImages"] }]);
  });

  it("takes registries and accounts from the routes", async () => {
    const app = repository("routed/app");
    const route = ["--from", `${devHost}/routed`, "--to", prodHost];
    expect((await policy(["apply", ...route])).code).toBe(0);
    expect(app()).toEqual([pull]);
  });

  it("lets in every environment that promotes from there, by its Job's role where that is named", async () => {
    const app = repository("environments/app");
    const config = `apiVersion: image-promoter/v1
kind: Promoter
environments:
  development: { account: "${devAccount}", region: ${region} }
  staging:
    account: "333333333333"
    region: ${region}
    promotesFrom: [development]
    jobRoleArn: arn:aws:iam::333333333333:role/promoter
  production: { account: "${prodAccount}", region: ${region}, promotesFrom: [development] }
`;
    const args = ["apply", devHost, "--repository", "environments/app", "--config", "promoter.yaml"];
    const { code } = await policy([...args, "--environment", "production"], {
      files: { "promoter.yaml": config },
    });
    expect(code).toBe(0);
    expect(app()[0].Principal.AWS.toSorted()).toEqual([
      `arn:aws:iam::${prodAccount}:root`,
      "arn:aws:iam::333333333333:role/promoter",
    ]);
  });

  it("writes nothing where one policy would be too long", async () => {
    const full = { ...build, Sid: "x".repeat(10_100) };
    const [good, bad] = [repository("full/good"), repository("full/bad", [full])];
    const { code, stdout } = await policy([
      "apply",
      devHost,
      "--repository",
      "full/*",
      "--principal",
      prodAccount,
    ]);
    expect(code).toBe(4);
    expect(stdout).toContain(
      `✗ refused ${devHost}/full/bad\n    InvalidConfiguration: Cannot use the policy of`,
    );
    expect(stdout).toContain(`- not written ${devHost}/full/good\n`);
    expect(stdout).toContain("2 repositories: 1 not written, 1 refused");
    expect([good(), bad()]).toEqual([[], [full]]);
  });

  it("reports to programs", async () => {
    repository("json/app", [build]);
    const args = ["apply", devHost, "--repository", "json/app", "--principal", prodAccount];
    const { stdout } = await policy([...args, "-o", "json"]);
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: "image-promoter/v1",
      kind: "PolicyReport",
      repositories: [
        {
          repository: `${devHost}/json/app`,
          status: "updated",
          statements: [{ sid: "ImagePromoterPull", change: "added", after: pull }],
        },
      ],
    });
    expect((await policy([...args, "-o", "yaml"])).stdout).toMatch(
      /^apiVersion: image-promoter\/v1\nkind: PolicyReport\n/,
    );
  });

  it("says which action is missing", async () => {
    repository("denied/app");
    const args = ["apply", devHost, "--repository", "denied/app", "--principal", prodAccount];
    const { code, stderr } = await policy(args, { as: prodAccount });
    expect(code).toBe(4);
    expect(stderr).toContain("ecr:DescribeRepositories");
  });
});

describe("policy diff", () => {
  it.each([
    ["diff", []],
    ["apply", ["--dry-run"]],
  ])("of %s %j shows the lines, writes nothing, and exits with 3", async (command, more) => {
    const app = repository("diff/app", [build]);
    const args = [command, devHost, "--repository", "diff/app", "--principal", prodAccount, ...more];
    const { code, stdout } = await policy(args);
    expect(code).toBe(3);
    expect(stdout.split("\n").slice(0, 9)).toEqual([
      `+ would update ${devHost}/diff/app (ImagePromoterPull added)`,
      "    @@ -8,6 +8,19 @@",
      `             "AWS": "${devAccount}"`,
      "           },",
      '           "Action": "ecr:PutImage"',
      "    +    },",
      "    +    {",
      '    +      "Sid": "ImagePromoterPull",',
      '    +      "Effect": "Allow",',
    ]);
    expect(stdout).toContain("\n1 repository: 1 to update\n");
    expect(app()).toEqual([build]);
  });

  it("shows only what differs in a statement, in colours on a terminal", async () => {
    repository("colour/app", [{ ...pull, Principal: { AWS: "arn:aws:iam::333333333333:root" } }]);
    const args = ["diff", devHost, "--repository", "colour/app", "--principal", prodAccount];
    const { stdout } = await policy(args, { terminal: true });
    expect(stdout).toContain('\u001b[31m-        "AWS": "arn:aws:iam::333333333333:root"\u001b[39m');
    expect(stdout).toContain(`\u001b[32m+          "arn:aws:iam::${prodAccount}:root"\u001b[39m`);
    expect(stdout).not.toContain('-      "Effect"');
  });

  it("exits with 0 when there is nothing to do", async () => {
    repository("done/app", [pull]);
    const { code, stdout } = await policy([
      "diff",
      devHost,
      "--repository",
      "done/app",
      "--principal",
      prodAccount,
    ]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `= up to date ${devHost}/done/app\n1 repository: 1 up to date\n`,
    });
  });
});

describe("wrong usage", () => {
  it.each<[string, readonly string[], string]>([
    ["no registry", ["--all", "--principal", prodAccount], "which registry"],
    ["no repositories", [devHost, "--principal", prodAccount], "which repositories"],
    [
      "both ways to name them",
      [devHost, "--all", "--repository", "a", "--principal", prodAccount],
      "--repository",
    ],
    ["nobody who may pull", [devHost, "--all"], "who may pull"],
    [
      "both ways to name those",
      [devHost, "--all", "--principal", prodAccount, "--organization", "o-a1b2c3d4e5"],
      "--organization",
    ],
    [
      "a registry that is none of ECR's",
      ["registry.example.com", "--all", "--principal", prodAccount],
      "no private registry",
    ],
    ["the public gallery", ["public.ecr.aws", "--all", "--principal", prodAccount], "no private registry"],
    ["a principal that is none", [devHost, "--all", "--principal", "*"], "no principal"],
    [
      "a repository that is none",
      [devHost, "--repository", "App", "--principal", prodAccount],
      "no repository",
    ],
    [
      "an organization that is none",
      [devHost, "--all", "--organization", "mine"],
      "no id of an organization",
    ],
    ["a Sid that is none", [devHost, "--all", "--principal", prodAccount, "--sid", "a b"], "no Sid"],
  ])("%s", async (_, args, message) => {
    world.emulator.clearRequests();
    const { code, stderr } = await policy(["apply", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(world.emulator.requests).toEqual([]);
  });
});
