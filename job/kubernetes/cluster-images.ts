import { PromoterError } from "../error.ts";
import type { KubernetesApi } from "./api.ts";

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

/** Objects of a page: few enough that a page of large ones stays within what an answer may have. */
const pageSize = 100;

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
  let next: string | undefined;
  do {
    const query = new URLSearchParams({
      limit: String(pageSize),
      ...(next !== undefined && { continue: next }),
    });
    const list = await api.get(`${path}?${query}`);
    if (!isObject(list) || !Array.isArray(list.items)) throw noList(path);
    for (const object of list.items) {
      const user = `${kind} ${nameOf(object)}`;
      for (const image of imagesBelow(object)) images.push({ image, user });
    }
    const { continue: token } = isObject(list.metadata) ? list.metadata : {};
    next = typeof token === "string" && token !== "" ? token : undefined;
  } while (next !== undefined);
  return images;
}

/** Every `image` and `imageID` of an object, wherever it stands: of containers, their status, and volumes. */
function* imagesBelow(value: unknown): Generator<string> {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (Array.isArray(next)) waiting.push(...next);
    if (!isObject(next) || Array.isArray(next)) continue;
    for (const [name, field] of Object.entries(next)) {
      const names = name === "image" || name === "imageID" || name === "reference";
      if (names && typeof field === "string") yield field.replace(/^docker-pullable:\/\//, "");
      else waiting.push(field);
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function nameOf(object: unknown): string {
  const { namespace, name } = isObject(object) && isObject(object.metadata) ? object.metadata : {};
  return [namespace, name].filter((part) => typeof part === "string").join("/");
}

function noList(path: string): PromoterError {
  return new PromoterError("InvalidResponse", `Cannot read what the Kubernetes API lists at ${path}`, {
    hint: "See that the API server is one of Kubernetes, version 1.21 or later",
  });
}
