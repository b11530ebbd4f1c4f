import { nameBelow } from "../comparison/module-pairs.ts";
import type { WorkloadImage } from "../kubernetes/workload-images.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { RegistryPrefix } from "../promotion/route.ts";

/** An image that manifests name. */
export interface DeclaredImage {
  readonly reference: Reference;
  /** Whether what names it stays in the cluster: a Deployment does, the Job of a hook does not. */
  readonly lasting: boolean;
}

/** What manifests and cluster say of one environment, before any registry is asked. */
export interface EnvironmentSight {
  readonly name: string;
  readonly registry: RegistryPrefix;
  /** Absent where nobody named manifests, or they could not be read. */
  readonly declared?: readonly DeclaredImage[];
  /** Which cluster it runs in, where one was named: the same text for environments that share one. */
  readonly cluster?: string;
  /** Absent where no cluster was named, or it could not be asked. */
  readonly workloads?: readonly WorkloadImage[];
}

/** An image as an environment names it, and who does. */
export interface NamedImage {
  readonly reference: Reference;
  /** The environment in whose registry it is. */
  readonly home: string;
  readonly declared: boolean;
  readonly lasting: boolean;
  readonly workloads: readonly WorkloadImage[];
}

/**
 * The images that an environment names, by their modules. What is in no environment's registry is left out, and so is
 * what workloads use of another environment's that shares the cluster.
 */
export function namedImages(
  sight: EnvironmentSight,
  all: readonly Pick<EnvironmentSight, "name" | "registry" | "cluster">[],
): ReadonlyMap<string, readonly NamedImage[]> {
  const sharing = all
    .filter(({ name, cluster }) => name !== sight.name && cluster !== undefined && cluster === sight.cluster)
    .map(({ name }) => name);
  const declared = Map.groupBy(sight.declared ?? [], ({ reference }) => formatReference(reference));
  const workloads = Map.groupBy(sight.workloads ?? [], ({ reference }) => formatReference(reference));
  const references = new Map(
    [...(sight.declared ?? []), ...(sight.workloads ?? [])].map(({ reference }) => [
      formatReference(reference),
      reference,
    ]),
  );
  const found = [...references].sort(byKey).flatMap(([text, reference]) => {
    const place = placeOf(reference, all);
    if (place === undefined) return [];
    const named = declared.get(text) ?? [];
    if (named.length === 0 && sharing.includes(place.home)) return [];
    return {
      module: place.module,
      reference,
      home: place.home,
      declared: named.length > 0,
      lasting: named.some(({ lasting }) => lasting),
      workloads: workloads.get(text) ?? [],
    };
  });
  return Map.groupBy(found, ({ module }) => module);
}

/** The environment and the module that an image belongs to: the longest prefix decides. */
export function placeOf(
  reference: Reference,
  all: readonly Pick<EnvironmentSight, "name" | "registry">[],
): { readonly home: string; readonly module: string } | undefined {
  return all
    .flatMap(({ name, registry }) => {
      const module = nameBelow(reference, [registry]);
      return module === undefined ? [] : [{ home: name, module }];
    })
    .sort((one, other) => one.module.length - other.module.length)
    .at(0);
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : Number(one > other);
}
