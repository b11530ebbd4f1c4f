import { PromoterError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { clusterAccess, readCluster } from "./read-cluster.ts";
import { type WorkloadImage, workloadImages } from "./workload-images.ts";

/**
 * What is deployed in a cluster, and what its pods run.
 *
 * @param kubeconfig the file that names the cluster; without it the one of `KUBECONFIG`, else that which this runs in.
 * @throws {PromoterError} when it cannot be asked; `Denied` with what to grant; `Usage` when no cluster is named.
 */
export async function usedWorkloads(
  kubeconfig: string | undefined,
  runtime: Pick<Runtime, "env" | "readFile" | "run">,
  signal: AbortSignal,
): Promise<readonly WorkloadImage[]> {
  const access =
    kubeconfig === undefined ? await clusterAccess(runtime) : await readKubeconfig(kubeconfig, runtime);
  if (access === undefined) {
    throw new PromoterError("Usage", "Nobody said which cluster it is, and this runs in none", {
      hint: "Write --cluster NAME=KUBECONFIG, or set KUBECONFIG",
    });
  }
  return readCluster({
    access,
    runtime,
    signal,
    doing: "see what the cluster runs",
    grant:
      "Grant list on pods, deployments, statefulsets, daemonsets and cronjobs in every namespace, by a ClusterRole",
    read: workloadImages,
  });
}
