import { hasCode, PromoterError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { openKubernetesApi } from "./api.ts";
import { type ClusterImage, imagesInCluster } from "./cluster-images.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { type ApiAccess, detectPod } from "./pod.ts";

/** A page of a hundred objects may take a busy server a while. */
const timeoutMs = 30_000;

/**
 * The images that the workloads of a cluster use: of the one that `KUBECONFIG` names, else of the one that this runs in.
 * Undefined when there is no cluster to be asked.
 *
 * @throws {PromoterError} when there is one, and it does not answer in full; `Denied` with what to grant.
 */
export async function usedImages(
  runtime: Pick<Runtime, "env" | "readFile" | "run">,
  signal: AbortSignal,
): Promise<readonly ClusterImage[] | undefined> {
  const access = await clusterAccess(runtime);
  if (access === undefined) return undefined;
  await using api = openKubernetesApi({ access, readFile: runtime.readFile, timeoutMs, signal });
  try {
    return await imagesInCluster(api);
  } catch (error) {
    if (!hasCode(error, "Denied", "Unauthorized")) throw error;
    throw new PromoterError(error.code, `Cannot see what the cluster uses: ${error.message}`, {
      cause: error,
      ...(error.request !== undefined && { request: error.request }),
      hint: "Grant get and list on pods, replicationcontrollers, deployments, replicasets, statefulsets, controllerrevisions, daemonsets, jobs and cronjobs in every namespace, by a ClusterRole",
    });
  }
}

/**
 * The way to the cluster that `KUBECONFIG` names, else to the one that this runs in; undefined when there is neither.
 *
 * @throws {PromoterError} `CredentialsUnavailable` when a pod has no token; `InvalidConfiguration`.
 */
export async function clusterAccess(
  runtime: Pick<Runtime, "env" | "readFile" | "run">,
): Promise<ApiAccess | undefined> {
  const path = runtime.env.KUBECONFIG;
  if (path) return readKubeconfig(path, runtime);
  const pod = await detectPod(runtime.env, runtime.readFile);
  if (pod === undefined || pod.api !== undefined) return pod?.api;
  throw new PromoterError("CredentialsUnavailable", "Cannot see what the cluster uses: no token is mounted", {
    hint: "Set automountServiceAccountToken: true for the pod, and grant its service account to list workloads",
  });
}
