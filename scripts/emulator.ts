import { once } from "node:events";
import { parseArgs } from "node:util";
import type { IdentityFixture } from "../test/emulator/account-fixture.ts";
import { type EcrEmulator, registryHost, startEcrEmulator } from "../test/emulator/emulator.ts";

const usage = `Usage: npm run emulator -- [options]

Runs Amazon ECR on this machine, on loopback addresses only, until it is stopped.

  --account ID               an account, twelve digits; may be repeated (default 111111111111 and 222222222222)
  --region NAME              a region; may be repeated (default eu-west-1)
  --repository ACCOUNT/NAME  a repository to begin with, in every region; may be repeated
  --mode ecr|strict          with ECR's departures, or by the distribution specification (default ecr)
  --authorization iam|none   evaluate policies, or let anybody do everything (default iam, in mode strict none)
  --blob-mounting            turn the account setting BLOB_MOUNTING on
  --port N                   port of the API (default: any free one)
  --force                    start although credentials of AWS are in the environment
  --help
`;

interface Settings {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly repositories: readonly (readonly [accountId: string, name: string])[];
  readonly mode: "ecr" | "strict";
  readonly authorization: "iam" | "none" | undefined;
  readonly blobMounting: boolean;
  readonly port: number;
}

/** Variables with which a program that is meant for the emulator would reach AWS, if AWS_ENDPOINT_URL were forgotten. */
const realCredentials = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];

/** @throws {TypeError} naming the option that is wrong. */
function readSettings(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      account: { type: "string", multiple: true, default: ["111111111111", "222222222222"] },
      region: { type: "string", multiple: true, default: ["eu-west-1"] },
      repository: { type: "string", multiple: true, default: [] },
      mode: { type: "string", default: "ecr" },
      authorization: { type: "string" },
      "blob-mounting": { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      force: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { account: accounts, region: regions, mode, authorization } = values;
  const found = realCredentials.find((name) => process.env[name] !== undefined);
  if (found !== undefined && !values.force)
    throw new TypeError(
      `${found} is set: credentials of AWS must not be sent to an emulator; unset it, or pass --force`,
    );
  const port = Number(values.port);
  const strange = accounts.find((id) => !/^[0-9]{12}$/.test(id));
  if (strange !== undefined) throw new TypeError(`--account ${strange} has not twelve digits`);
  if (mode !== "ecr" && mode !== "strict") throw new TypeError(`--mode ${mode} is neither ecr nor strict`);
  if (authorization !== undefined && authorization !== "iam" && authorization !== "none") {
    throw new TypeError(`--authorization ${authorization} is neither iam nor none`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(`--port ${values.port} is no port`);
  const repositories = values.repository.map(readRepository);
  return {
    accounts,
    regions,
    repositories,
    mode,
    authorization,
    port,
    blobMounting: values["blob-mounting"],
  };
}

function readRepository(text: string): readonly [string, string] {
  const [, accountId, name] = /^([0-9]{12})\/([a-z0-9._/-]+)$/.exec(text) ?? [];
  if (accountId === undefined || name === undefined)
    throw new TypeError(`--repository ${text} is not ACCOUNT/NAME`);
  return [accountId, name];
}

/** Makes what was asked for, and says in lines of shell how to reach it. */
async function describeEmulator(emulator: EcrEmulator, settings: Settings): Promise<string> {
  for (const region of settings.regions) {
    for (const [accountId, name] of settings.repositories) emulator.repository(accountId, region, name);
    for (const id of settings.accounts) {
      emulator.account(id).setBlobMounting(region, settings.blobMounting ? "ENABLED" : "DISABLED");
    }
  }
  const lines = [
    "# Amazon ECR runs here until it is stopped with Ctrl-C.",
    "# The API of ECR and STS, for aws and SDKs:",
    `export AWS_ENDPOINT_URL=${emulator.url}`,
    `export AWS_REGION=${settings.regions[0]}`,
    // The first version of the AWS CLI knows only this name.
    `export AWS_DEFAULT_REGION=${settings.regions[0]}`,
  ];
  for (const [position, id] of settings.accounts.entries()) {
    const admin = emulator.account(id).admin();
    lines.push("", `# Account ${id}, as ${admin.arn}:`, ...keysOf(admin, position === 0 ? "" : "# "));
    for (const region of settings.regions) {
      const address = await emulator.listen(id, region);
      lines.push(`# ${registryHost(id, region)} for crane, skopeo and docker, over plain HTTP:`);
      lines.push(`#   ${address}`);
      lines.push(`#   crane auth login ${address} --username AWS --password ${admin.mintToken().password}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Only one account can be in the environment: the keys of the others are there to be copied. */
function keysOf(admin: IdentityFixture, comment: string): string[] {
  return [
    `${comment}export AWS_ACCESS_KEY_ID=${admin.accessKeyId}`,
    `${comment}export AWS_SECRET_ACCESS_KEY=${admin.secretAccessKey}`,
  ];
}

async function main(): Promise<number> {
  let settings: Settings | undefined;
  try {
    settings = readSettings(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (settings === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const { mode, port, authorization } = settings;
  await using emulator = await startEcrEmulator({ mode, port, ...(authorization && { authorization }) });
  const stopped = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  process.stdout.write(await describeEmulator(emulator, settings));
  await stopped;
  return 0;
}

process.exitCode = await main();
