import { type Namespace, until } from "./namespace.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface JobObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly creationTimestamp: string };
  readonly status?: {
    readonly conditions?: readonly (Condition & { readonly lastTransitionTime: string })[];
    readonly succeeded?: number;
    readonly failed?: number;
  };
}

interface PodObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly imageID: string;
      readonly state: { readonly terminated?: { readonly exitCode: number; readonly message?: string } };
    }[];
  };
}

/** How one pod of a Job ended. */
export interface EndedPod {
  readonly name: string;
  readonly image: string;
  readonly exitCode: number | undefined;
  /** The container's termination message. */
  readonly message: string;
}

/** A Job that is `Complete` or `Failed`. */
export interface EndedJob {
  readonly name: string;
  readonly uid: string;
  readonly condition: Condition;
  /** From its creation to its end, to the second. */
  readonly seconds: number;
  readonly pods: readonly EndedPod[];
}

/** Waits until a Job has ended, well or not. */
export async function endOfJob(namespace: Namespace, name: string): Promise<EndedJob> {
  return await until(`the end of the Job ${name}`, async () => {
    const job = await namespace.get<JobObject>("job", name);
    if (job === undefined) throw new Error(`There is no Job ${name}`);
    const end = job.status?.conditions?.find(
      ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
    );
    if (end === undefined) return undefined;
    const { uid, creationTimestamp } = job.metadata;
    const seconds = (Date.parse(end.lastTransitionTime) - Date.parse(creationTimestamp)) / 1_000;
    return { name, uid, condition: end, seconds, pods: await podsOf(namespace, name) };
  });
}

async function podsOf(namespace: Namespace, job: string): Promise<readonly EndedPod[]> {
  const pods = await namespace.list<PodObject>("pods", "-l", `batch.kubernetes.io/job-name=${job}`);
  return pods.map(({ metadata, spec, status }) => {
    const terminated = status?.containerStatuses?.[0]?.state.terminated;
    return {
      name: metadata.name,
      image: spec.containers[0]?.image ?? "",
      exitCode: terminated?.exitCode,
      message: terminated?.message ?? "",
    };
  });
}
