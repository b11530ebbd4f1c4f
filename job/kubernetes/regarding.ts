import { hasCode } from "../error.ts";
import type { Log } from "../log.ts";
import type { KubernetesApi } from "./api.ts";
import type { Pod } from "./pod.ts";
import type { Environment } from "./surroundings.ts";

/**
 * What an Event is about. Without the `uid`, `kubectl describe` and Argo CD do not show the Event with the object.
 * {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-reference/}
 */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: "Job" | "Pod";
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

interface Metadata {
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { kind?: string; name?: string; uid?: string }[];
}

/**
 * The Job that the pod belongs to: by `JOB_NAME` and `JOB_UID` (which the downward API gives out of the pod's labels,
 * so that nothing needs to be read), else by asking for the Job, else by asking for the pod. The pod itself, where it
 * belongs to none or may not be read.
 */
export async function findRegarding(options: {
  readonly pod: Pod;
  readonly env: Environment;
  readonly api: KubernetesApi;
  readonly log: Log;
}): Promise<ObjectReference> {
  const { pod, env, api, log } = options;
  const { namespace } = pod;
  const read = (resource: string) => readMetadata(api, resource, log);
  if (env.JOB_NAME) {
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${encodeURIComponent(env.JOB_NAME)}`;
    return jobReference(namespace, env.JOB_NAME, env.JOB_UID || (await read(path))?.uid);
  }
  const metadata = await read(`/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(pod.name)}`);
  const job = jobOf(metadata);
  if (job !== undefined) return jobReference(namespace, job.name, job.uid);
  const uid = pod.uid ?? metadata?.uid;
  return { apiVersion: "v1", kind: "Pod", namespace, name: pod.name, ...(uid && { uid }) };
}

function jobReference(namespace: string, name: string, uid: string | undefined): ObjectReference {
  return { apiVersion: "batch/v1", kind: "Job", namespace, name, ...(uid && { uid }) };
}

/** {@link https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-job-name} */
function jobOf(metadata: Metadata | undefined): { name: string; uid: string | undefined } | undefined {
  const owner = metadata?.ownerReferences?.find((reference) => reference.kind === "Job");
  if (owner?.name !== undefined) return { name: owner.name, uid: owner.uid };
  const name = metadata?.labels?.["batch.kubernetes.io/job-name"];
  if (name === undefined) return undefined;
  return { name, uid: metadata?.labels?.["batch.kubernetes.io/controller-uid"] };
}

/** Undefined when there is no such object, or it may not be read: the Event is then about less, and still posted. */
async function readMetadata(api: KubernetesApi, path: string, log: Log): Promise<Metadata | undefined> {
  try {
    const object = await api.get(path);
    if (typeof object !== "object" || object === null || !("metadata" in object)) return undefined;
    return object.metadata as Metadata;
  } catch (error) {
    if (!hasCode(error, "Denied", "Unauthorized")) throw error;
    log.debug({ request: error.request }, "Not allowed to read what the Event is about");
    return undefined;
  }
}
