import { hasCode } from "../error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import type { KubernetesApi } from "./api.ts";
import { listObjects } from "./list-objects.ts";
import { fieldsOf, recordsOf, textOf } from "./object.ts";
import { imagesOfPodSpec } from "./pod-images.ts";

/** An image that a workload uses. */
export interface WorkloadImage {
  readonly reference: Reference;
  /** `Deployment shop/web`; for a pod whoever controls it. */
  readonly workload: string;
  /** What a node has resolved it to; known of pods alone. */
  readonly digest?: Digest;
  /** Why a node cannot pull it: `ErrImagePull`, `ImagePullBackOff`. */
  readonly problem?: string;
}

/** What people deploy. Whatever else controls pods is known by them. */
const templates: readonly (readonly [kind: string, path: string])[] = [
  ["Deployment", "/apis/apps/v1/deployments"],
  ["StatefulSet", "/apis/apps/v1/statefulsets"],
  ["DaemonSet", "/apis/apps/v1/daemonsets"],
  ["CronJob", "/apis/batch/v1/cronjobs"],
];

/**
 * The images of what is deployed in a cluster, in every namespace, and of the pods that are not at their end. What is
 * kept for a rollback is not among them, nor what is no reference.
 *
 * @throws {PromoterError} what the API says; there is no part of an answer.
 */
export async function workloadImages(api: Pick<KubernetesApi, "get">): Promise<readonly WorkloadImage[]> {
  const lists = await Promise.all([
    ...templates.map(async ([kind, path]) => {
      const found: WorkloadImage[] = [];
      for await (const { items } of listObjects(api, path)) {
        for (const object of items) found.push(...ofTemplate(kind, fieldsOf(object)));
      }
      return found;
    }),
    imagesOfPods(api),
  ]);
  return lists.flat();
}

async function imagesOfPods(api: Pick<KubernetesApi, "get">): Promise<readonly WorkloadImage[]> {
  const fieldSelector = "status.phase!=Succeeded,status.phase!=Failed";
  const found: WorkloadImage[] = [];
  for await (const { items } of listObjects(api, "/api/v1/pods", { fieldSelector })) {
    for (const pod of items) found.push(...ofPod(fieldsOf(pod)));
  }
  return found;
}

type Fields = Readonly<Record<string, unknown>>;

function ofTemplate(kind: string, object: Fields): readonly WorkloadImage[] {
  const spec = fieldsOf(object.spec);
  const job = kind === "CronJob" ? fieldsOf(fieldsOf(spec.jobTemplate).spec) : spec;
  const workload = `${kind} ${qualified(object, textOf(fieldsOf(object.metadata).name))}`;
  return imagesOfPodSpec(fieldsOf(job.template).spec).flatMap(({ image }) =>
    readable(image).map((reference) => ({ reference, workload })),
  );
}

function ofPod(pod: Fields): readonly WorkloadImage[] {
  const status = fieldsOf(pod.status);
  const statuses = new Map(
    ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]
      .flatMap((list) => recordsOf(status[list]))
      .map((container) => [textOf(container.name), container]),
  );
  const workload = controllerOf(pod);
  return imagesOfPodSpec(pod.spec).flatMap(({ image, container }) => {
    const known = statuses.get(container);
    const digest = digestOf(textOf(known?.imageID));
    const reason = textOf(fieldsOf(fieldsOf(known?.state).waiting).reason);
    const problem = /^(?:ErrImage|ImagePull|InvalidImageName|ImageInspect)/.test(reason) ? reason : undefined;
    return readable(image).map((reference) => ({
      reference,
      workload,
      ...(digest !== undefined && { digest }),
      ...(problem !== undefined && { problem }),
    }));
  });
}

/** Whoever controls a pod, and of a ReplicaSet the Deployment or Rollout that it is named after. */
function controllerOf(pod: Fields): string {
  const { name, ownerReferences, labels } = fieldsOf(pod.metadata);
  const owner = recordsOf(ownerReferences).find(({ controller }) => controller === true);
  if (owner === undefined) return `Pod ${qualified(pod, textOf(name))}`;
  const [kind, controller] = [textOf(owner.kind), textOf(owner.name)];
  const hashes = fieldsOf(labels);
  for (const [label, above] of [
    ["pod-template-hash", "Deployment"],
    ["rollouts-pod-template-hash", "Rollout"],
  ] as const) {
    const suffix = `-${textOf(hashes[label])}`;
    if (kind === "ReplicaSet" && suffix !== "-" && controller.endsWith(suffix)) {
      return `${above} ${qualified(pod, controller.slice(0, -suffix.length))}`;
    }
  }
  return `${kind} ${qualified(pod, controller)}`;
}

function qualified(object: Fields, name: string): string {
  const namespace = textOf(fieldsOf(object.metadata).namespace);
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** `docker.io/library/nginx@sha256:…`, with or without a scheme before it. */
function digestOf(imageId: string): Digest | undefined {
  const digest = imageId.slice(imageId.lastIndexOf("@") + 1);
  return imageId.includes("@") && isDigest(digest) ? digest : undefined;
}

/** A cluster may hold what is no reference; that is none of ours then. */
function readable(image: string): readonly Reference[] {
  try {
    return [parseReference(image)];
  } catch (error) {
    if (hasCode(error, "InvalidReference")) return [];
    throw error;
  }
}
