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

interface RegardingOptions {
  readonly pod: Pod;
  readonly env: Environment;
  readonly api: KubernetesApi;
  readonly log: Log;
}

/**
 * The Job that the pod belongs to: by `JOB_NAME` and `JOB_UID` (which the downward API gives out of the pod's labels,
 * so that nothing needs to be read), else by asking for the Job, else by asking for the pod. The pod itself, where it
 * belongs to none or nothing may be read.
 *
 * @throws {PromoterError} what {@link KubernetesApi.get} throws, but for `Denied` and `Unauthorized`.
 */
export async function findRegarding(options: RegardingOptions): Promise<ObjectReference> {
  const { pod, env } = options;
  const { namespace } = pod;
  const name = objectName.test(env.JOB_NAME ?? "") ? env.JOB_NAME : undefined;
  if (name && env.JOB_UID) return jobReference(namespace, name, env.JOB_UID);
  const named = name && (await read(options, `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`));
  if (named && named !== "denied") return jobReference(namespace, name, named.uid);
  const own = await read(options, `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(pod.name)}`);
  const metadata = own === "denied" ? undefined : own;
  const job = jobOf(metadata);
  if (job !== undefined) return jobReference(namespace, job.name, job.uid);
  // A name that may not be looked up is believed; one that nothing has (CI systems set JOB_NAME too) is not.
  if (name && named === "denied") return jobReference(namespace, name, undefined);
  const uid = pod.uid ?? metadata?.uid;
  return { apiVersion: "v1", kind: "Pod", namespace, name: pod.name, ...(uid && { uid }) };
}

/** {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names} */
const objectName = /^[a-z0-9][a-z0-9.-]{0,252}$/;

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

async function read({ api, log }: RegardingOptions, path: string): Promise<Metadata | "denied" | undefined> {
  try {
    const object = await api.get(path);
    if (typeof object !== "object" || object === null || !("metadata" in object)) return undefined;
    return object.metadata as Metadata;
  } catch (error) {
    if (!hasCode(error, "Denied", "Unauthorized")) throw error;
    log.debug({ request: error.request }, "Not allowed to read what the Event is about");
    return "denied";
  }
}
