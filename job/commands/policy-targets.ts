import { parseRegistryPrefix } from "../config/route-flag.ts";
import type { Settings } from "../config/settings.ts";
import type { OwnedStatement } from "../ecr/policy/policy-document.ts";
import {
  accountArn,
  type Pullers,
  parseOrganization,
  parsePrincipal,
  parseSid,
  pullSid,
  pullStatement,
} from "../ecr/policy/pull-statement.ts";
import { parseRepositoryPattern } from "../ecr/policy/registry-place.ts";
import type { EcrRegistryHost } from "../ecr/registry-host.ts";
import type { PolicyTarget, RepositoryPolicies } from "../ecr/repository-policies.ts";
import { PromoterError } from "../error.ts";
import type { RegistryPrefix } from "../promotion/route.ts";
import type { CommandInput } from "./command.ts";
import { type PromotionLink, privateEcrHost, promotionLinks } from "./promotion-links.ts";

/** One source registry of a `policy` command: which repositories, and what their policies are to have. */
export interface PolicyRequest {
  readonly host: EcrRegistryHost;
  /** Names and patterns. */
  readonly repositories: readonly string[];
  readonly statement: OwnedStatement;
}

/**
 * Reads the flags of `policy`. Registries that are not named are the sources of the routes; principals that are not
 * named are the accounts that those routes lead to.
 *
 * @throws {PromoterError} `Usage`
 */
export function readPolicyRequests({ flags, images }: CommandInput, settings: Settings): PolicyRequest[] {
  const links = promotionLinks(settings);
  const named = images.map(parseRegistryPrefix);
  const linked = links.map(({ from }) => from).filter((registry) => privateEcrHost(registry) !== undefined);
  const registries = named.length > 0 ? named : linked;
  const requests = registries.map((registry) => {
    const host = privateHost(registry);
    return {
      host,
      repositories: readRepositories(flags, registry),
      statement: pullStatement(readPullers(flags, host, links), {
        sid: parseSid(textOf(flags.sid) ?? pullSid),
        reads: flags.reads === true,
        scans: settings.gates.scan !== undefined,
      }),
    };
  });
  if (requests.length > 0) return requests;
  throw new PromoterError("Usage", "Nobody said which registry is meant", {
    hint: "Name it: image-promoter policy diff 111111111111.dkr.ecr.eu-west-1.amazonaws.com --all; or give routes in a --config file",
  });
}

/** The repositories that the requests stand for, each with its statement. */
export async function findTargets(
  requests: readonly PolicyRequest[],
  policies: RepositoryPolicies,
  signal: AbortSignal,
): Promise<readonly PolicyTarget[]> {
  const targets = await Promise.all(
    requests.map(async ({ host, repositories, statement }) => {
      const found = await policies.find(host, repositories, { signal });
      return found.repositories.map((repository) => ({
        api: found.api,
        repository,
        statements: [statement],
      }));
    }),
  );
  return [
    ...new Map(
      targets.flat().map((target) => [`${target.api.host.host}/${target.repository}`, target]),
    ).values(),
  ];
}

function privateHost(registry: RegistryPrefix): EcrRegistryHost {
  const parsed = privateEcrHost(registry);
  if (parsed !== undefined) return parsed;
  throw new PromoterError(
    "Usage",
    `${registry.host} is no private registry of ECR: it has no repository policies`,
    {
      hint: "Name a registry such as 111111111111.dkr.ecr.eu-west-1.amazonaws.com",
    },
  );
}

function readRepositories(flags: CommandInput["flags"], { host, prefix }: RegistryPrefix): readonly string[] {
  const patterns = textsOf(flags.repository).map(parseRepositoryPattern);
  if (patterns.length > 0 && flags.all === true) {
    throw new PromoterError("Usage", "--repository and --all were both given", { hint: "Give one of them" });
  }
  if (patterns.length > 0)
    return patterns.map((pattern) => (prefix === "" ? pattern : `${prefix}/${pattern}`));
  if (flags.all === true || prefix !== "") return [prefix === "" ? "*" : `${prefix}/*`];
  throw new PromoterError("Usage", `Nobody said which repositories of ${host} are meant`, {
    hint: "Give --repository NAME or 'team/*', which may be repeated, or --all",
  });
}

function readPullers(
  flags: CommandInput["flags"],
  host: EcrRegistryHost,
  links: readonly PromotionLink[],
): Pullers {
  const principals = textsOf(flags.principal).map((text) => parsePrincipal(text, host.partition));
  const organization = textOf(flags.organization);
  if (organization !== undefined && principals.length > 0) {
    throw new PromoterError("Usage", "--principal and --organization were both given", {
      hint: "Give one of them, or keep two statements apart by --sid",
    });
  }
  if (organization !== undefined) return { organization: parseOrganization(organization) };
  if (principals.length > 0) return { principals };
  const linked = linkedPrincipals(host, links);
  if (linked.length > 0) return { principals: linked };
  throw new PromoterError("Usage", `Nobody said who may pull from ${host.host}`, {
    hint: "Give --principal ACCOUNT or a role's ARN, which may be repeated, or --organization o-…",
  });
}

/** Who promotes from this registry into another account: the Job's role where it is named, else the account. */
function linkedPrincipals(host: EcrRegistryHost, links: readonly PromotionLink[]): readonly string[] {
  return links
    .filter(({ from }) => from.host === host.host)
    .flatMap(({ to, jobRoleArn }) => {
      const destination = privateEcrHost(to);
      if (destination === undefined || destination.accountId === host.accountId) return [];
      return jobRoleArn ?? accountArn(destination.accountId, destination.partition);
    });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}
