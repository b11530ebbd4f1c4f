import type { KubernetesApi } from "./api.ts";
import { listObjects } from "./list-objects.ts";
import { isRecord } from "./object.ts";

/** An image as an object of the cluster names it. */
export interface ClusterImage {
  /** As it is written there: not necessarily a reference that can be read. */
  readonly image: string;
  /** `Deployment shop/web`. */
  readonly user: string;
}

/** What runs, and what would run after a rollback or at the next time of a schedule. */
const collections: readonly (readonly [kind: string, path: string])[] = [
  ["Pod", "/api/v1/pods"],
  ["ReplicationController", "/api/v1/replicationcontrollers"],
  ["Deployment", "/apis/apps/v1/deployments"],
  ["ReplicaSet", "/apis/apps/v1/replicasets"],
  ["StatefulSet", "/apis/apps/v1/statefulsets"],
  ["ControllerRevision", "/apis/apps/v1/controllerrevisions"],
  ["DaemonSet", "/apis/apps/v1/daemonsets"],
  ["Job", "/apis/batch/v1/jobs"],
  ["CronJob", "/apis/batch/v1/cronjobs"],
];

/**
 * The images that the cluster's workloads name, in every namespace: those of what runs, of what is kept for a rollback,
 * and the digests that nodes have resolved tags to.
 *
 * @throws {PromoterError} what the API says; `InvalidResponse` for what is no list. There is no part of an answer:
 * whoever removes what nobody uses has to know all.
 */
export async function imagesInCluster(api: KubernetesApi): Promise<readonly ClusterImage[]> {
  const lists = await Promise.all(collections.map(([kind, path]) => imagesIn(api, kind, path)));
  return lists.flat();
}

async function imagesIn(api: KubernetesApi, kind: string, path: string): Promise<readonly ClusterImage[]> {
  const images: ClusterImage[] = [];
  for await (const { items } of listObjects(api, path)) {
    for (const object of items) {
      const user = `${kind} ${nameOf(object)}`;
      for (const image of imagesBelow(object)) images.push({ image, user });
    }
  }
  return images;
}

/** In which a Job is told what to promote: what it has promoted is there to be used, also before anything does. */
const promoted = "PROMOTER_IMAGES";

/**
 * Every `image` and `imageID` of an object, wherever it stands: of containers, their status, and volumes; and what Jobs
 * and CronJobs promote.
 */
function* imagesBelow(value: unknown): Generator<string> {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (Array.isArray(next)) waiting.push(...next);
    if (!isRecord(next)) continue;
    if (next.name === promoted && typeof next.value === "string") yield* wordsOf(next.value);
    for (const [name, field] of Object.entries(next)) {
      const names = name === "image" || name === "imageID" || name === "reference";
      if (names && typeof field === "string") yield field.replace(/^docker-pullable:\/\//, "");
      else waiting.push(field);
    }
  }
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function nameOf(object: unknown): string {
  const { namespace, name } = isRecord(object) && isRecord(object.metadata) ? object.metadata : {};
  return [namespace, name].filter((part) => typeof part === "string").join("/");
}
