import type { Standing } from "../attestation/history.ts";
import type { ReportedError } from "../promotion/report.ts";

/**
 * How an environment is not as it is written.
 *
 * - `not-promoted`: manifests or workloads name an image that the environment's registry does not have;
 * - `other-registry`: they name it in another environment's registry;
 * - `not-deployed`: manifests name it, and no workload uses it;
 * - `not-in-manifests`: workloads use it, and no manifest names it;
 * - `tag-moved`: pods run what the tag stood for earlier;
 * - `cannot-pull`: nodes cannot pull it.
 */
export type Drift = (typeof drifts)[number];

/** The worst first. */
export const drifts = [
  "cannot-pull",
  "not-promoted",
  "other-registry",
  "not-deployed",
  "not-in-manifests",
  "tag-moved",
] as const;

/** How an image came into a registry. */
export interface ImagePromotion {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** What the statement of it is worth; `pushed` where there is none, and only the time of the push is known. */
  readonly standing: Exclude<Standing, "forged"> | "pushed";
  /** Where it was promoted from. */
  readonly from?: string;
  readonly application?: string;
  /** The commit that was synced, and the repository that it is of. */
  readonly revision?: string;
  readonly repository?: string;
  /** Who promoted it. */
  readonly by?: string;
}

/** An image of a module in one environment. */
export interface ImageState {
  /** As it is named there. */
  readonly image: string;
  readonly tag?: string;
  readonly digest?: string;
  /** Who names it: the manifests; if not they, workloads; else it is the newest in the registry. */
  readonly namedBy: "manifests" | "workloads" | "registry";
  /** Whether the registry has it; absent where that could not be asked. */
  readonly promoted?: boolean;
  /** Where it is, while it is not promoted. */
  readonly source?: string;
  readonly promotion?: ImagePromotion;
  /** `Deployment shop/web`; absent where no cluster was asked. */
  readonly usedBy?: readonly string[];
  readonly drift: readonly Drift[];
  /** Why a registry could not be asked. */
  readonly error?: ReportedError;
}

/** How a module of an environment stands to that of the environment that it is promoted from. */
export interface Behind {
  readonly environment: string;
  /** `older` and `newer` by semantic version; `other` where tags do not tell. */
  readonly order: "older" | "newer" | "other";
  readonly tag?: string;
  readonly digest?: string;
}

/** A module in one environment. Without images it is not there. */
export interface ModuleState {
  readonly images: readonly ImageState[];
  readonly behind?: Behind;
}

/** An environment, and what could be known of it. */
export interface EnvironmentSummary {
  readonly name: string;
  /** `HOST[/PREFIX]`. */
  readonly registry: string;
  readonly promotesFrom: readonly string[];
  /** The folder or file that says what is wanted; absent where nobody named any. */
  readonly manifests?: string;
  /** Whether a cluster was asked what runs. */
  readonly cluster: boolean;
  /** Why manifests, cluster or registry could not be read. */
  readonly errors: readonly ReportedError[];
}

/** Which modules are where. */
export interface EnvironmentStatus {
  readonly apiVersion: "image-promoter/v1";
  readonly kind: "EnvironmentStatus";
  /** When it was begun to ask: RFC 3339, UTC. */
  readonly at: string;
  readonly environments: readonly EnvironmentSummary[];
  readonly summary: {
    readonly modules: number;
    /** Modules that drift in some environment. */
    readonly drifting: number;
    /** Modules that are older somewhere than where they are promoted from. */
    readonly behind: number;
    /** Modules of which something could not be asked. */
    readonly unknown: number;
  };
  readonly modules: readonly {
    readonly module: string;
    readonly environments: Readonly<Record<string, ModuleState>>;
  }[];
}

/** Counts what the modules tell. */
export function environmentStatus(
  known: Pick<EnvironmentStatus, "at" | "environments" | "modules">,
): EnvironmentStatus {
  const count = (is: (status: ModuleState) => boolean) =>
    known.modules.filter(({ environments }) => Object.values(environments).some(is)).length;
  return {
    apiVersion: "image-promoter/v1",
    kind: "EnvironmentStatus",
    at: known.at,
    environments: known.environments,
    summary: {
      modules: known.modules.length,
      drifting: count(isDrifting),
      behind: count(isBehind),
      unknown: count(isUnknown),
    },
    modules: known.modules,
  };
}

/** True when something is not as it is written. */
export function isDrifting({ images }: ModuleState): boolean {
  return images.some(({ drift }) => drift.length > 0);
}

/** True when it is to be promoted yet, or may be; what is newer than its source was rolled back there. */
export function isBehind({ behind }: ModuleState): boolean {
  return behind !== undefined && behind.order !== "newer";
}

/** True when something could not be asked. */
export function isUnknown({ images }: ModuleState): boolean {
  return images.some(({ error }) => error !== undefined);
}
