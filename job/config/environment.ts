import { parseEcrHost } from "../ecr/registry-host.ts";
import { PromoterError } from "../error.ts";
import type { RegistryPrefix, RepositorySelection, Route } from "../promotion/route.ts";
import { registryOf, unknownName } from "./environment-references.ts";
import type { WrittenEnvironment } from "./environment-schema.ts";
import type { PromoterConfiguration, RegistrySettings } from "./schema.ts";

/** One of a team's environments: a registry, and what is promoted into it. */
export interface Environment {
  readonly name: string;
  readonly registry: RegistryPrefix;
  /** AWS account and region of the registry; absent where it is no private ECR registry. */
  readonly account?: string;
  readonly region?: string;
  /** The environments that images come from, in the order in which they are asked. */
  readonly promotesFrom: readonly string[];
  /** Which repositories are promoted, by their names below the prefix; modules are put in. */
  readonly selection?: RepositorySelection;
  /** The role that is assumed to reach the registry, from whichever environment. */
  readonly role?: Pick<RegistrySettings, "roleArn" | "externalId" | "sessionName">;
  /** The role of the Job in this environment's cluster, which the sources have to let in. */
  readonly jobRoleArn?: string;
}

/** The environments of a configuration, in the order in which they are written. */
export function environmentsOf(configuration: PromoterConfiguration): readonly Environment[] {
  return Object.entries(configuration.environments ?? {}).map(([name, written]) =>
    environment(name, written, configuration),
  );
}

/**
 * The environment of a name.
 *
 * @throws {PromoterError} `Usage` when there is none; the hint lists those that there are.
 */
export function environmentOf(configuration: PromoterConfiguration, name: string): Environment {
  const written = Object.entries(configuration.environments ?? {}).find(([known]) => known === name)?.[1];
  if (written !== undefined) return environment(name, written, configuration);
  const { message, params } = unknownName("environment", name, Object.keys(configuration.environments ?? {}));
  throw new PromoterError("Usage", `${message} (${configuration.source})`, { hint: params.hint });
}

/** The environments that one promotes from, in the order in which they are asked. */
export function sourcesOf(configuration: PromoterConfiguration, name: string): readonly Environment[] {
  return environmentOf(configuration, name).promotesFrom.map((source) =>
    environmentOf(configuration, source),
  );
}

/** The environments that promote from one: those that its repositories' policies have to let in. */
export function destinationsOf(configuration: PromoterConfiguration, name: string): readonly Environment[] {
  return environmentsOf(configuration).filter(({ promotesFrom }) => promotesFrom.includes(name));
}

/** The way that an environment's images take: undefined when it promotes from nowhere. */
export function routeOf(configuration: PromoterConfiguration, name: string): Route | undefined {
  const { registry, selection } = environmentOf(configuration, name);
  const from = sourcesOf(configuration, name).map((source) => source.registry);
  return from.length === 0 ? undefined : { to: registry, from, ...(selection && { selection }) };
}

function environment(
  name: string,
  written: WrittenEnvironment,
  configuration: PromoterConfiguration,
): Environment {
  const { promotesFrom = [], roleArn, externalId, sessionName, jobRoleArn, images } = written;
  const registry = registryOf(written);
  const ecr = parseEcrHost(registry.host);
  return {
    name,
    registry,
    ...(ecr && !ecr.public && { account: ecr.accountId, region: ecr.region }),
    promotesFrom,
    ...(images && { selection: selectionOf(images, configuration) }),
    ...(roleArn !== undefined && { role: { roleArn, externalId, sessionName } }),
    ...(jobRoleArn !== undefined && { jobRoleArn }),
  };
}

function selectionOf(
  { include, modules, exclude }: NonNullable<WrittenEnvironment["images"]>,
  configuration: PromoterConfiguration,
): RepositorySelection {
  const ofModules = modules?.flatMap((module) => configuration.modules?.[module] ?? []);
  const included = (include ?? ofModules) ? [...(include ?? []), ...(ofModules ?? [])] : undefined;
  return { ...(included && { include: included }), ...(exclude && { exclude }) };
}
