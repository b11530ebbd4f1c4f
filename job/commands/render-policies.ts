import type { Settings } from "../config/settings.ts";
import type { CreationRights } from "../ecr/policy/identity-policy.ts";
import { isKmsAddress, parseKmsAddress } from "../ecr/policy/kms-address.ts";
import { parseOrganization, parseSid } from "../ecr/policy/pull-statement.ts";
import { PromoterError } from "../error.ts";
import type { PodTrust } from "../render/pod-trust.ts";
import { type RenderPoliciesOptions, renderPolicies } from "../render/policies.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { loadSettings } from "./load-settings.ts";
import { policyScopes } from "./policy-scopes.ts";
import { writeRendered } from "./write-rendered.ts";

type Flags = CommandInput["flags"];

/** `render policies`: what both sides of a promotion need in AWS. */
export async function renderPolicyFiles(input: CommandInput, { runtime }: CommandContext): Promise<number> {
  const { flags } = input;
  if (flags.outputDir === undefined) {
    throw new PromoterError("Usage", "Policies are several files, and no folder is named for them", {
      hint: "Add --output-dir FOLDER",
    });
  }
  const settings = await loadSettings(input, runtime);
  const signingKey = settings.attestation?.key;
  const sid = textOf(flags.sid);
  const files = renderPolicies({
    format: formatOf(flags),
    ...policyScopes(settings, textsOf(flags.repository)),
    pullers: pullersOf(flags),
    roleName: roleNameOf(flags),
    trust: trustOf(flags),
    createRepositories: creationRights(settings, textsOf(flags.kmsKey)),
    reads: flags.reads === true,
    scans: settings.gates.scan !== undefined,
    lifecycle: flags.lifecycle === true,
    ...(signingKey !== undefined &&
      isKmsAddress(signingKey) && { signingKey: parseKmsAddress(signingKey).arn }),
    ...(sid !== undefined && { sid: parseSid(sid) }),
    ...(flags.expireUntagged !== undefined && { expireUntaggedDays: daysOf(flags.expireUntagged) }),
  });
  return writeRendered(files, input, runtime);
}

function formatOf({ format }: Flags): RenderPoliciesOptions["format"] {
  return format === "terraform" || format === "cloudformation" ? format : "json";
}

function pullersOf({ organization, letIn }: Flags): RenderPoliciesOptions["pullers"] {
  if (typeof organization === "string") return { organization: parseOrganization(organization) };
  return letIn === "roles" ? "roles" : "accounts";
}

function roleNameOf({ roleName = "image-promoter" }: Flags): string {
  if (typeof roleName === "string" && /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/.test(roleName)) return roleName;
  throw new PromoterError("Usage", `Cannot use --role-name ${JSON.stringify(roleName)}`, {
    hint: "Write the role's name, with its path before it: image-promoter, platform/image-promoter",
  });
}

function trustOf(flags: Flags): PodTrust {
  const { namespace, serviceAccount = "image-promoter", audience, cluster, clusterArn } = flags;
  const pod = {
    namespace: dnsName("--namespace", namespace),
    serviceAccount: dnsName("--service-account", serviceAccount),
  };
  const oidcProviders = textsOf(flags.oidcProvider);
  if (oidcProviders.length > 0) {
    return { kind: "irsa", ...pod, oidcProviders, ...(typeof audience === "string" && { audience }) };
  }
  return {
    kind: "pod-identity",
    ...pod,
    ...(typeof cluster === "string" && { clusterName: cluster }),
    ...(typeof clusterArn === "string" && { clusterArn: clusterArnOf(clusterArn) }),
  };
}

function clusterArnOf(arn: string): string {
  if (/^arn:aws[a-z-]*:eks:[a-z0-9-]+:\d{12}:cluster\/[A-Za-z0-9][\w-]{0,99}$/.test(arn)) return arn;
  throw new PromoterError("Usage", `Cannot use --cluster-arn ${JSON.stringify(arn.slice(0, 300))}`, {
    hint: "Write what this tells: aws eks describe-cluster --name CLUSTER --query cluster.arn",
  });
}

function dnsName(flag: string, name: unknown): string {
  if (typeof name === "string" && /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return name;
  const [what, hint] =
    name === undefined
      ? ["Nobody said in which namespace the Job runs", `Add ${flag} NAME`]
      : [`Cannot use ${flag} ${JSON.stringify(name)}`, "A name has a-z, 0-9, - and ., not at its ends"];
  throw new PromoterError("Usage", what, { hint });
}

function creationRights(
  { createRepositories }: Settings,
  kmsKeys: readonly string[],
): false | CreationRights {
  if (createRepositories === false) return false;
  const { tags, lifecyclePolicy, repositoryPolicy, encryption } = createRepositories;
  const keys = [...kmsKeys, ...(encryption?.kmsKey === undefined ? [] : [encryption.kmsKey])];
  return {
    tags: tags !== undefined && Object.keys(tags).length > 0,
    lifecyclePolicy: lifecyclePolicy !== undefined,
    repositoryPolicy: repositoryPolicy !== undefined,
    kmsKeys: [...new Set(keys)].map(kmsKeyOf),
  };
}

function kmsKeyOf(key: string): string {
  if (
    /^(?:(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:)?alias\/[\w/-]+|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+|[\w-]+)$/.test(
      key,
    )
  )
    return key;
  throw new PromoterError("Usage", `${JSON.stringify(key.slice(0, 300))} is no KMS key`, {
    hint: "Write the key's ARN, its id, or alias/NAME",
  });
}

function daysOf(text: unknown): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= 36_500) return days;
  throw new PromoterError("Usage", `Cannot use --expire-untagged ${JSON.stringify(text)}`, {
    hint: "Write a number of days: 90",
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return [value ?? []].flat().filter((member) => typeof member === "string");
}
