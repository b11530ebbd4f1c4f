import { entryFor } from "../config/host-pattern.ts";
import type { Settings } from "../config/settings.ts";
import { type EcrRegistryHost, parseEcrHost } from "../ecr/registry-host.ts";
import type { RegistryPrefix, RepositorySelection } from "../promotion/route.ts";

/** A way from one registry to another, with what policies on either side have to know. */
export interface PromotionLink {
  readonly from: RegistryPrefix;
  readonly to: RegistryPrefix;
  readonly selection?: RepositorySelection;
  /** The role of the destination's Job, where the configuration names it. */
  readonly jobRoleArn?: string;
}

/** All ways that are known: those of the routes, and of every environment whichever was chosen, for policies serve all. */
export function promotionLinks({ routes, environments, environment }: Settings): readonly PromotionLink[] {
  const ofEnvironments = environments.flatMap(({ registry: to, promotesFrom, selection, jobRoleArn }) =>
    environments
      .filter(({ name }) => promotesFrom.includes(name))
      .map(({ registry: from }) => ({
        from,
        to,
        ...(selection && { selection }),
        ...(jobRoleArn !== undefined && { jobRoleArn }),
      })),
  );
  const ofRoutes = routes.flatMap(({ from, to, selection }) =>
    from.map((source) => ({
      from: source,
      to,
      ...(selection && { selection }),
      ...(environment?.jobRoleArn !== undefined && { jobRoleArn: environment.jobRoleArn }),
    })),
  );
  const key = ({ from, to }: PromotionLink) => JSON.stringify([from.host, from.prefix, to.host, to.prefix]);
  return [...new Map([...ofRoutes, ...ofEnvironments].map((link) => [key(link), link])).values()];
}

/** The private ECR registry at one end of a link; undefined where it is none. */
export function privateEcrHost({ host }: Pick<RegistryPrefix, "host">): EcrRegistryHost | undefined {
  const parsed = parseEcrHost(host);
  return parsed?.public === false ? parsed : undefined;
}

/** The role by which a registry is reached, where it has one of its own. */
export function roleOf(
  host: string,
  { registries, environments }: Settings,
): { readonly arn: string; readonly externalId?: string } | undefined {
  const environment = environments.find(({ registry, role }) => registry.host === host && role !== undefined);
  const { roleArn: arn, externalId } = entryFor(host, registries) ?? environment?.role ?? {};
  return arn === undefined ? undefined : { arn, ...(externalId !== undefined && { externalId }) };
}
