import { fieldsOf } from "../kubernetes/object.ts";
import { imagesOfPodSpec } from "../kubernetes/pod-images.ts";

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

/** The images of an object's pod; undefined for kinds that have none. */
export function readWorkload(kind: string, object: unknown): Workload | undefined {
  const path = templates.get(kind);
  if (path === undefined) return undefined;
  const pod = fieldsOf(path.reduce<unknown>((value, step) => fieldsOf(value)[step], object));
  const { labels, annotations } = fieldsOf(pod.metadata);
  return {
    images: imagesOfPodSpec(pod.spec).map(({ image, path: inSpec }) => ({
      image,
      path: [...path, "spec", ...inSpec],
    })),
    labels: textsOf(labels),
    annotations: { ...textsOf(fieldsOf(fieldsOf(object).metadata).annotations), ...textsOf(annotations) },
  };
}

/** The texts of a mapping, as labels and annotations are. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
