import { type Partition, partitionOf, registrySuffixOf } from "./partition.ts";

/** What the host name of an ECR registry says about it. */
export interface EcrRegistryHost {
  /** The host name itself, in lower case. */
  readonly host: string;
  /** Twelve digits; empty for the public gallery, which belongs to no account of ours. */
  readonly accountId: string;
  readonly region: string;
  readonly partition: Partition;
  /** Served by FIPS 140 validated endpoints. */
  readonly fips: boolean;
  /** Served over IPv4 and IPv6. */
  readonly dualStack: boolean;
  /** The public gallery, `public.ecr.aws`. */
  readonly public: boolean;
}

const privateHost =
  /^(?<account>\d{12})\.dkr(?<joint>[.-])ecr(?<fips>-fips)?\.(?<region>[a-z]{2,4}(?:-[a-z]{2,16}){1,2}-\d{1,2})\.(?<suffix>[a-z0-9.-]+)$/;

const publicHosts: ReadonlySet<string> = new Set(["public.ecr.aws", "ecr-public.aws.com"]);

/**
 * Reads account, region and partition out of a registry's host name. The whole name has to match, up to its end: what
 * it returns for is a host of AWS, and may be sent AWS's tokens. ECR serves on the standard port only, which may be
 * written.
 *
 * @returns undefined for every host that is no ECR registry.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html}
 */
export function parseEcrHost(host: string): EcrRegistryHost | undefined {
  // Some letters of other scripts become ASCII in lower case.
  if (/[^!-~]/.test(host)) return undefined;
  const name = host.toLowerCase().replace(/:443$/, "");
  if (publicHosts.has(name)) return publicGallery(name);
  const { account, joint, fips, region, suffix } = privateHost.exec(name)?.groups ?? {};
  if (account === undefined || region === undefined || suffix === undefined) return undefined;
  const dualStack = joint === "-";
  const partition = partitionOf({ suffix, region, dualStack });
  if (partition === undefined) return undefined;
  return {
    host: name,
    accountId: account,
    region,
    partition,
    fips: fips !== undefined,
    dualStack,
    public: false,
  };
}

/** The host name of an account's registry in a region; undefined when there is no such region, or no such account. */
export function ecrHostOf(accountId: string, region: string): string | undefined {
  const suffix = registrySuffixOf(region);
  const host = suffix === undefined ? undefined : `${accountId}.dkr.ecr.${region}.${suffix}`;
  return host !== undefined && parseEcrHost(host) !== undefined ? host : undefined;
}

/** The ARN of a repository of this registry. {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html} */
export function repositoryArn(host: EcrRegistryHost, repository: string): string {
  const service = host.public ? "ecr-public" : "ecr";
  const region = host.public ? "" : host.region;
  return `arn:${host.partition}:${service}:${region}:${host.accountId}:repository/${repository}`;
}

function publicGallery(host: string): EcrRegistryHost {
  return {
    host,
    accountId: "",
    region: "us-east-1",
    partition: "aws",
    fips: false,
    dualStack: false,
    public: true,
  };
}
