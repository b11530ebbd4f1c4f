import { mapConcurrent } from "../async/map-concurrent.ts";
import type { Waiting } from "../oci/content.ts";
import { formatReference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { reportedError } from "../promotion/image-report.ts";
import type { ReportedError } from "../promotion/report.ts";
import { formatPrefix } from "../promotion/route.ts";
import { behindOf } from "./behind.ts";
import { type EnvironmentStatus, environmentStatus, type ModuleState } from "./environment-status.ts";
import { type Asking, findState, pushed } from "./find-state.ts";
import { newestTag } from "./newest-tag.ts";
import { type Holder, heldModules } from "./repositories.ts";
import { type EnvironmentSight, type NamedImage, namedImages } from "./sight.ts";

/** An environment, and what is known of it before its registry is asked. */
export interface SeenEnvironment extends EnvironmentSight, Holder {
  readonly promotesFrom: readonly string[];
  /** The folder or file that its manifests are of. */
  readonly manifests?: string;
  /** Why manifests or cluster could not be read. */
  readonly errors: readonly ReportedError[];
}

export interface Collecting extends Omit<Asking, "context"> {
  readonly environments: readonly SeenEnvironment[];
  /** Whether to list also what no manifest and no workload names. */
  readonly all: boolean;
}

/** Asks the registries about all modules in all environments. What cannot be asked is told where it is missing. */
export async function collectStatus(
  { environments, all, ...rest }: Collecting,
  context: PromotionContext,
): Promise<EnvironmentStatus> {
  const at = new Date(context.clock.now()).toISOString();
  const collection: Collection = {
    environments,
    asking: { ...rest, context },
    errors: new Map(environments.map(({ name, errors }) => [name, [...errors]])),
    named: new Map(
      environments.map((environment) => [environment.name, namedImages(environment, environments)]),
    ),
  };
  const modules = await modulesOf(collection, all);
  const cells = modules.flatMap((module) => environments.map((environment) => ({ module, environment })));
  const states = await mapConcurrent(cells, context.limit.size, async (cell) => ({
    ...cell,
    state: await stateOf(cell.module, cell.environment, collection),
  }));
  const byModule = Map.groupBy(states, ({ module }) => module);
  return environmentStatus({
    at,
    environments: environments.map(({ name, registry, promotesFrom, manifests, workloads }) => ({
      name,
      registry: formatPrefix(registry),
      promotesFrom,
      ...(manifests !== undefined && { manifests }),
      cluster: workloads !== undefined,
      errors: collection.errors.get(name) ?? [],
    })),
    modules: modules.map((module) => ({
      module,
      environments: compared(
        new Map(byModule.get(module)?.map(({ environment, state }) => [environment.name, state])),
        environments,
      ),
    })),
  });
}

interface Collection {
  readonly environments: readonly SeenEnvironment[];
  readonly asking: Asking;
  readonly errors: ReadonlyMap<string, ReportedError[]>;
  readonly named: ReadonlyMap<string, ReadonlyMap<string, readonly NamedImage[]>>;
}

/** What manifests and workloads name; where nobody names anything, or all are wanted, what registries hold. */
async function modulesOf(
  { environments, asking: { context, catalog }, named, errors }: Collection,
  all: boolean,
): Promise<readonly string[]> {
  const modules = new Set([...named.values()].flatMap((ofEnvironment) => [...ofEnvironment.keys()]));
  const unseen = environments.every(isUnseen);
  if (all || unseen) {
    const lists = await Promise.all(
      environments.map((environment) =>
        told(
          () => heldModules(environment, environments, catalog, context.signal),
          errors.get(environment.name),
          context,
        ),
      ),
    );
    for (const module of lists.flatMap((list) => list ?? [])) modules.add(module);
  }
  return [...modules].sort();
}

/** Whether nobody says what is wanted in an environment, nor what runs. */
function isUnseen({ manifests, cluster }: SeenEnvironment): boolean {
  return manifests === undefined && cluster === undefined;
}

async function stateOf(
  module: string,
  environment: SeenEnvironment,
  { asking, named, errors }: Collection,
): Promise<ModuleState> {
  const { name, promotesFrom, declared, workloads } = environment;
  const hasManifests = declared !== undefined;
  const hasCluster = workloads !== undefined;
  const images = named.get(name)?.get(module) ?? [];
  if (hasManifests || hasCluster) {
    const naming = { name, promotesFrom, hasManifests, hasCluster };
    return { images: await Promise.all(images.map((image) => findState(image, naming, asking))) };
  }
  // What it was meant to tell by is not the newest of its registry, only because it could not be read.
  if (!isUnseen(environment)) return { images: [] };
  const state = await told(() => newestState(module, environment, asking), errors.get(name), asking.context);
  return state ?? { images: [] };
}

/** The newest image of a registry, for an environment of which nobody says what it wants. */
async function newestState(
  module: string,
  { registry: { host, prefix } }: SeenEnvironment,
  { context, catalog }: Asking,
): Promise<ModuleState> {
  const repository = { host, repository: prefix === "" ? module : `${prefix}/${module}` };
  const ask = <T>(work: (waiting: Waiting) => Promise<T>) => limited(context, "destination", work);
  const newest = newestTag((await ask((waiting) => catalog.tags(repository, waiting))) ?? []);
  if (newest === undefined) return { images: [] };
  const reader = context.repositories.source(repository);
  const digest = newest.digest ?? (await ask((waiting) => reader.resolve(newest.tag, waiting)))?.digest;
  const promotion = pushed(newest.pushedAt);
  const image = {
    image: formatReference({ ...repository, tag: newest.tag }),
    tag: newest.tag,
    ...(digest !== undefined && { digest }),
    namedBy: "registry",
    promoted: true,
    ...(promotion && { promotion }),
    drift: [],
  } as const;
  return { images: [image] };
}

/** Compares each environment's module with that of the first environment that it is promoted from, and that has it. */
function compared(
  states: ReadonlyMap<string, ModuleState>,
  environments: readonly SeenEnvironment[],
): Record<string, ModuleState> {
  return Object.fromEntries(
    environments.map(({ name, promotesFrom }) => {
      const state = states.get(name) ?? { images: [] };
      const source = promotesFrom.find((candidate) => (states.get(candidate)?.images.length ?? 0) > 0);
      const behind = source === undefined ? undefined : behindOf(state.images, source, states.get(source));
      return [name, { ...state, ...(behind && { behind }) }];
    }),
  );
}

/** Runs `work`, and notes what goes wrong, once of a kind: what is denied for one module is denied for all. */
async function told<T>(
  work: () => Promise<T>,
  errors: ReportedError[] | undefined,
  { signal }: PromotionContext,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    signal?.throwIfAborted();
    const error = reportedError(thrown);
    if (!errors?.some(({ code }) => code === error.code)) errors?.push(error);
    return undefined;
  }
}
