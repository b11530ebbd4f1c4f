import { allRegistries, allRoutes } from "../config/all-environments.ts";
import { unknownName } from "../config/environment-references.ts";
import type { PromoterConfiguration } from "../config/schema.ts";
import { type SettingSources, settingOf } from "../config/setting.ts";
import { resolveSettings, type Settings } from "../config/settings.ts";
import { type EnvironmentCluster, statusSettings } from "../config/status-setting-table.ts";
import { PromoterError } from "../error.ts";
import type { ImageRequest } from "../images/image-request.ts";
import { usedWorkloads } from "../kubernetes/used-workloads.ts";
import { reportedError } from "../promotion/image-report.ts";
import type { ReportedError } from "../promotion/report.ts";
import { collectStatus, type SeenEnvironment } from "../status/collect.ts";
import type { EnvironmentStatus } from "../status/environment-status.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { imagesOfPlace } from "./images-of-place.ts";
import { loadConfigurationFile, readingOnly } from "./load-settings.ts";
import { withRegistries } from "./run-promotion.ts";
import { type StatusEnvironment, statusEnvironments } from "./status-environments.ts";

/** A process in a cluster, with no working copy of manifests beside it. */
export interface ResidentReader {
  /** The environments of this cluster. */
  readonly environments: readonly string[];
}

/**
 * Finds out which modules are in which environments. What of an environment cannot be read is told in it.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`.
 */
export async function readStatus(
  { flags }: Pick<CommandInput, "flags">,
  command: CommandContext,
  resident?: ResidentReader,
): Promise<EnvironmentStatus> {
  const { runtime, signal } = command;
  const configuration = await loadConfigurationFile({ flags }, runtime);
  const sources = sourcesOf(flags, configuration, runtime.env);
  const resolved = { ...readingOnly(resolveSettings(sources)), registries: allRegistries(configuration) };
  const { timeoutMs: _, ...unlimited } = resolved;
  // What a server allows for an image is not meant for all of them.
  const settings = resident === undefined ? resolved : unlimited;
  const parts = await command.loadParts();
  const keys = await parts.openPublicKeys(settingOf(statusSettings.publicKey, sources), runtime, signal);
  const environments = await seenEnvironments(settings, { ...sources, resident }, command);
  const all = settingOf(statusSettings.all, sources);
  return withRegistries(settings, command, ({ context, promotion: { catalog } }) =>
    collectStatus({ environments, catalog, all, keys, routes: allRoutes(sources) }, context),
  );
}

/** All environments are meant, whichever a variable names; how the result is written is not the others' affair. */
function sourcesOf(
  { output: _, ...flags }: CommandInput["flags"],
  configuration: PromoterConfiguration | undefined,
  env: SettingSources["env"],
): SettingSources {
  return { flags, env: { ...env, PROMOTER_ENVIRONMENT: "", PROMOTER_OUTPUT: "" }, configuration };
}

async function seenEnvironments(
  settings: Settings,
  { flags, env, configuration, resident }: SettingSources & { readonly resident: ResidentReader | undefined },
  command: CommandContext,
): Promise<readonly SeenEnvironment[]> {
  // The last of an environment wins: a flag says it of one, and the file of the others.
  const manifests = [
    ...(resident ? [] : settingOf(statusSettings.manifests, { flags: {}, env: {}, configuration })),
    ...settingOf(statusSettings.manifests, { flags: {}, env }),
    ...settingOf(statusSettings.manifests, { flags, env: {} }),
  ];
  const home = resident?.environments ?? [];
  const clusters: readonly EnvironmentCluster[] = [
    ...home.map((environment) => ({ environment })),
    ...settingOf(statusSettings.cluster, { flags, env }),
  ];
  const environments = statusEnvironments(settings);
  const names = environments.map(({ name }) => name);
  // Somebody who mistypes a name would look at a page on which nothing seems to run.
  for (const { environment } of [...manifests, ...clusters]) {
    if (names.includes(environment)) continue;
    const { message, params } = unknownName("environment", environment, names);
    throw new PromoterError("Usage", message, params);
  }
  return Promise.all(
    environments.map((environment) => {
      const named = <T extends { readonly environment: string }>(list: readonly T[]) =>
        list.findLast((entry) => entry.environment === environment.name);
      return seen(
        environment,
        { manifests: named(manifests)?.path, cluster: named(clusters) },
        settings,
        command,
      );
    }),
  );
}

interface Places {
  readonly manifests: string | undefined;
  readonly cluster: { readonly path?: string } | undefined;
}

async function seen(
  { name, registry, promotesFrom, selection }: StatusEnvironment,
  { manifests, cluster }: Places,
  settings: Settings,
  { runtime, signal }: CommandContext,
): Promise<SeenEnvironment> {
  const errors: ReportedError[] = [];
  const told = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (thrown) {
      signal.throwIfAborted();
      errors.push(reportedError(thrown));
      return undefined;
    }
  };
  const [declared, workloads] = await Promise.all([
    manifests === undefined ? undefined : told(() => imagesOfPlace(manifests, settings, runtime)),
    cluster === undefined ? undefined : told(() => usedWorkloads(cluster.path, runtime, signal)),
  ]);
  return {
    name,
    registry,
    promotesFrom,
    ...(selection && { selection }),
    ...(manifests !== undefined && { manifests }),
    ...(cluster && { cluster: cluster.path ?? "" }),
    ...(declared && { declared: declared.map(declaredImage) }),
    ...(workloads && { workloads }),
    errors,
  };
}

/** What stays in a cluster; Jobs, and Pods of hooks and tests, come and go. */
const lastingKinds = /^(?:Deployment|StatefulSet|DaemonSet|CronJob|ReplicaSet|Rollout)\b/;

function declaredImage({ reference, origin }: ImageRequest) {
  return { reference, lasting: lastingKinds.test(origin.object ?? "") };
}
