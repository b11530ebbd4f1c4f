import { hasCode, PromoterError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { openKubernetesApi } from "./api.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { clusterAccess } from "./used-images.ts";
import { type WorkloadImage, workloadImages } from "./workload-images.ts";

/** A page of a hundred objects may take a busy server a while. */
const timeoutMs = 30_000;

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
  await using api = openKubernetesApi({ access, readFile: runtime.readFile, timeoutMs, signal });
  try {
    return await workloadImages(api);
  } catch (error) {
    if (!hasCode(error, "Denied", "Unauthorized")) throw error;
    throw new PromoterError(error.code, `Cannot see what the cluster runs: ${error.message}`, {
      cause: error,
      ...(error.request !== undefined && { request: error.request }),
      hint: "Grant list on pods, deployments, statefulsets, daemonsets and cronjobs in every namespace, by a ClusterRole",
    });
  }
}
