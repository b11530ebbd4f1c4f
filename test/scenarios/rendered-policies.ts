import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RenderPoliciesOptions, renderPolicies } from "../../job/render/policies.ts";
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import type { Repository } from "../emulator/repository.ts";
import { type CommandOptions, type CommandRun, runCommand } from "./command-run.ts";
import { devAccount, devHost, prodAccount, prodHost, region } from "./two-accounts.ts";

/** A policy's JSON, taken apart as far as a test changes it. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid?: string; readonly Action: string | readonly string[] }[];
}

/** Rendered policies by their file's path. */
export type Policies = ReadonlyMap<string, Policy>;

export const issuer = `oidc.eks.${region}.amazonaws.com/id/EXAMPLE`;
export const keyArn = `arn:aws:kms:${region}:${prodAccount}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

const place = { partition: "aws", region, repositories: ["team/*"] };

/** What is rendered unless a test says otherwise: the article's set-up, with IRSA. */
export const rendering: RenderPoliciesOptions = {
  format: "json",
  sources: [{ ...place, accountId: devAccount }],
  destinations: [{ ...place, accountId: prodAccount }],
  pullers: "accounts",
  roleName: "image-promoter",
  trust: {
    kind: "irsa",
    namespace: "argocd",
    serviceAccount: "image-promoter",
    oidcProviders: [`https://${issuer}`],
  },
  createRepositories: false,
  reads: false,
  scans: false,
  lifecycle: false,
};

export function renderedPolicies(options: Partial<RenderPoliciesOptions> = {}): Policies {
  const files = renderPolicies({ ...rendering, ...options });
  return new Map(files.map(({ path, content }) => [path, JSON.parse(content)]));
}

/** Two accounts that have nothing but the rendered policies; the Job's pod has a token of its ServiceAccount. */
export interface PolicyWorld extends AsyncDisposable {
  readonly emulator: EcrEmulator;
  /** A repository of development, with its rendered policy. */
  dev(name: string): Repository;
  prod(name: string): Repository;
  run(args: readonly string[], options?: CommandOptions): Promise<CommandRun>;
}

export async function policyWorld(
  policies: Policies,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<PolicyWorld> {
  await using stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEcrEmulator());
  const folder = await mkdtemp(join(tmpdir(), "pod-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, podToken(claims));
  const arn = `arn:aws:iam::${prodAccount}:oidc-provider/${issuer}`;
  const provider = { arn, issuer, clientIds: ["sts.amazonaws.com"] };
  emulator.store.account(prodAccount).oidcProviders.set(arn, provider);
  emulator.account(prodAccount).joinOrganization("o-a1b2c3d4e5");
  const destination = `destination-${prodAccount}`;
  const source = `source-${devAccount}-${region}`;
  const role = createRole(emulator, prodAccount, "image-promoter", policies, destination);
  if (policies.has(`${source}/identity-policy.json`)) {
    createRole(emulator, devAccount, "pull", policies, source);
  }
  const env = {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_REGION: region,
    AWS_ROLE_ARN: role,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    PROMOTER_FROM: devHost,
    PROMOTER_TO: prodHost,
    PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=${emulator.url}`,
  };
  const opened = stack.move();
  return {
    emulator,
    dev(name) {
      const repository = emulator.repository(devAccount, region, name);
      const policy = policies.get(`${source}/repository-policy.json`);
      if (policy !== undefined) repository.policyText = JSON.stringify(policy);
      return repository;
    },
    prod: (name) => emulator.repository(prodAccount, region, name),
    run: (args, options = {}) => runCommand(args, { ...options, env: { ...env, ...options.env } }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function createRole(
  emulator: EcrEmulator,
  account: string,
  name: string,
  policies: Policies,
  folder: string,
): string {
  const identity = policies.get(`${folder}/identity-policy.json`);
  const trustPolicy = policies.get(`${folder}/trust-policy.json`) ?? trustNobody;
  return emulator.account(account).createRole(name, identity === undefined ? [] : [identity], { trustPolicy })
    .arn;
}

const trustNobody = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: "*", Action: "sts:*" }],
};

/** What the cluster puts into a pod of the ServiceAccount. */
function podToken(claims: Readonly<Record<string, unknown>>): string {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const sub = "system:serviceaccount:argocd:image-promoter";
  const body = { iss: `https://${issuer}`, sub, aud: ["sts.amazonaws.com"], exp, ...claims };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  return `${encode({ alg: "none" })}.${encode(body)}.`;
}

/** What the emulator goes by: not the policy of a registry, which stands for those of its repositories, nor a key's. */
const enforced = /\/(?:identity|trust|repository)-policy\.json$/;

/** Every way to leave one action out of the policies; a statement without actions goes, a policy without statements too. */
export function withoutEachAction(policies: Policies): [name: string, policies: Policies][] {
  const documents = [...policies].filter(([path]) => enforced.test(path));
  return documents.flatMap(([path, policy]) =>
    policy.Statement.flatMap((statement, position) =>
      [statement.Action].flat().map((action): [string, Policies] => {
        const left = [statement.Action].flat().filter((other) => other !== action);
        const Statement = policy.Statement.flatMap((other, at) =>
          at !== position ? [other] : left.length === 0 ? [] : [{ ...other, Action: left }],
        );
        const rest = [...policies].filter(([other]) => other !== path);
        const changed: [string, Policy][] = Statement.length === 0 ? [] : [[path, { ...policy, Statement }]];
        return [`${path} ${statement.Sid ?? ""} ${action}`, new Map([...rest, ...changed])];
      }),
    ),
  );
}
