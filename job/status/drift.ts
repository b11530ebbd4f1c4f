import { type Drift, drifts } from "./environment-status.ts";
import type { NamedImage } from "./sight.ts";

/** What is known of an image that an environment names. */
export interface Judged {
  readonly named: NamedImage;
  readonly environment: string;
  /** Whether the registry has it; undefined where that could not be asked. */
  readonly promoted: boolean | undefined;
  /** Whether manifests of the environment, and its cluster, are known. */
  readonly hasManifests: boolean;
  readonly hasCluster: boolean;
  /** Whether some pod runs another image than the registry has under this name. */
  readonly runsAnother: boolean;
}

/** How an image is not as it is written, the worst first. */
export function driftsOf(judged: Judged): readonly Drift[] {
  const { named, environment, promoted, hasManifests, hasCluster, runsAnother } = judged;
  const isUsed = named.workloads.length > 0;
  const found: Readonly<Record<Drift, boolean>> = {
    "cannot-pull": named.workloads.some(({ problem }) => problem !== undefined),
    "not-promoted": promoted === false,
    "other-registry": named.home !== environment,
    // Jobs come and go: that none is there says nothing.
    "not-deployed": hasCluster && named.lasting && !isUsed,
    "not-in-manifests": hasManifests && isUsed && !named.declared,
    "tag-moved": runsAnother,
  };
  return drifts.filter((drift) => found[drift]);
}
