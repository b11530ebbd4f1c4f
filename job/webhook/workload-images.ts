import { fieldsOf } from "./admission-review.ts";

/** An image of an object, with the place where it is written. */
export interface WorkloadImage {
  readonly image: string;
  readonly path: readonly (string | number)[];
}

/** An object that runs pods, or is one. */
export interface Workload {
  readonly images: readonly WorkloadImage[];
  /** Labels of the pod. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations of the pod, then of the object around it. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Where the pod is, by the object's kind and group. */
const templates: ReadonlyMap<string, readonly string[]> = new Map([
  ["Pod", []],
  ["PodTemplate", ["template"]],
  ["ReplicationController", ["spec", "template"]],
  ["apps/Deployment", ["spec", "template"]],
  ["apps/StatefulSet", ["spec", "template"]],
  ["apps/DaemonSet", ["spec", "template"]],
  ["apps/ReplicaSet", ["spec", "template"]],
  ["batch/Job", ["spec", "template"]],
  ["batch/CronJob", ["spec", "jobTemplate", "spec", "template"]],
  ["argoproj.io/Rollout", ["spec", "template"]],
]);

const containerLists = ["initContainers", "containers", "ephemeralContainers"];

/** The images of an object's pod; undefined for kinds that have none. */
export function readWorkload(kind: string, object: unknown): Workload | undefined {
  const path = templates.get(kind);
  if (path === undefined) return undefined;
  const pod = fieldsOf(path.reduce<unknown>((value, step) => fieldsOf(value)[step], object));
  const { labels, annotations } = fieldsOf(pod.metadata);
  const spec = fieldsOf(pod.spec);
  const at = [...path, "spec"];
  return {
    images: [...containerImages(spec, at), ...volumeImages(spec, at)],
    labels: textsOf(labels),
    annotations: { ...textsOf(fieldsOf(fieldsOf(object).metadata).annotations), ...textsOf(annotations) },
  };
}

function containerImages(
  spec: Readonly<Record<string, unknown>>,
  at: readonly string[],
): readonly WorkloadImage[] {
  return containerLists.flatMap((list) =>
    elementsOf(spec[list]).flatMap((container, index) =>
      imageAt(container.image, [...at, list, index, "image"]),
    ),
  );
}

/** {@link https://kubernetes.io/docs/concepts/storage/volumes/#image} */
function volumeImages(
  spec: Readonly<Record<string, unknown>>,
  at: readonly string[],
): readonly WorkloadImage[] {
  return elementsOf(spec.volumes).flatMap(({ image }, index) =>
    imageAt(fieldsOf(image).reference, [...at, "volumes", index, "image", "reference"]),
  );
}

function imageAt(image: unknown, path: WorkloadImage["path"]): readonly WorkloadImage[] {
  return typeof image === "string" && image !== "" ? [{ image, path }] : [];
}

function elementsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The texts of a mapping, as labels and annotations are. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
