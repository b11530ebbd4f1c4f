import type { Runtime } from "../runtime.ts";
import { type ClusterImage, imagesInCluster } from "./cluster-images.ts";
import { clusterAccess, readCluster } from "./read-cluster.ts";

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
  return readCluster({
    access,
    runtime,
    signal,
    doing: "see what the cluster uses",
    grant:
      "Grant get and list on pods, replicationcontrollers, deployments, replicasets, statefulsets, controllerrevisions, daemonsets, jobs and cronjobs in every namespace, by a ClusterRole",
    read: imagesInCluster,
  });
}
