import type { PromotionReport } from "../../job/promotion/report.ts";
import type { IdentityFixture } from "../emulator/account-fixture.ts";
import { type EcrEmulator, registryHost, startEcrEmulator } from "../emulator/emulator.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { Repository, RepositorySettings } from "../emulator/repository.ts";
import { type CommandOptions, type CommandRun, runCommand } from "./command-run.ts";

export const region = "eu-west-1";
export const devAccount = "111111111111";
export const prodAccount = "222222222222";
export const devHost = registryHost(devAccount, region);
export const prodHost = registryHost(prodAccount, region);

const pull = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const push = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:PutImage",
];

/** A development and a production account, with the Job's role in production and exactly what it needs. */
export interface TwoAccounts extends AsyncDisposable {
  readonly emulator: EcrEmulator;
  readonly role: IdentityFixture;
  /** What the Job's environment holds. */
  readonly env: Readonly<Record<string, string>>;
  /** A repository of development that production may pull from. */
  dev(name: string, settings?: RepositorySettings): Repository;
  prod(name: string, settings?: RepositorySettings): Repository;
  /** Adds statements to what the Job's role may do. */
  allow(...actions: readonly string[]): void;
  run(args: readonly string[], options?: CommandOptions): Promise<CommandRun>;
  /** Runs `promote -o json` and reads the report. */
  promote(
    args: readonly string[],
    options?: CommandOptions,
  ): Promise<CommandRun & { report: PromotionReport }>;
}

export async function twoAccounts(options: EmulatorOptions = {}): Promise<TwoAccounts> {
  const emulator = await startEcrEmulator(options);
  const role = emulator
    .account(prodAccount)
    .createRole("image-promoter", [
      statement(["ecr:GetAuthorizationToken"], "*"),
      statement(pull, `arn:aws:ecr:${region}:${devAccount}:repository/*`),
      statement([...pull, ...push], `arn:aws:ecr:${region}:${prodAccount}:repository/*`),
    ]);
  const env = {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: role.accessKeyId,
    AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
    AWS_SESSION_TOKEN: role.sessionToken ?? "",
    PROMOTER_FROM: devHost,
    PROMOTER_TO: prodHost,
    PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=${emulator.url}`,
  };
  const run: TwoAccounts["run"] = (args, given = {}) =>
    runCommand(args, { ...given, env: { ...env, ...given.env } });
  return {
    emulator,
    role,
    env,
    dev(name, settings) {
      const repository = emulator.repository(devAccount, region, name, settings);
      repository.policyText = crossAccountPull();
      return repository;
    },
    prod: (name, settings) => emulator.repository(prodAccount, region, name, settings),
    allow(...actions) {
      role.identity.policies.push(statement(actions, "*"));
    },
    run,
    async promote(args, given) {
      const done = await run(["promote", "-o", "json", ...args], given);
      if (done.stdout === "") throw new Error(`no report, exit code ${done.code}: ${done.stderr}`);
      return { ...done, report: JSON.parse(done.stdout) };
    },
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

function statement(actions: readonly string[], resource: string): object {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: resource }] };
}

/** A repository policy of development that lets production pull, and do what is named besides. */
export function crossAccountPull(...actions: readonly string[]): string {
  const principal = { AWS: `arn:aws:iam::${prodAccount}:root` };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Sid: "PromotionPull", Effect: "Allow", Principal: principal, Action: [...pull, ...actions] },
    ],
  });
}
