import { hasCode, PromoterError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { type KubernetesApi, openKubernetesApi } from "./api.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { type ApiAccess, detectPod } from "./pod.ts";

export interface ClusterReading<T> {
  readonly access: ApiAccess;
  readonly runtime: Pick<Runtime, "readFile">;
  readonly signal: AbortSignal;
  /** What is wanted: `see what the cluster uses`. */
  readonly doing: string;
  /** What to grant where that is refused. */
  readonly grant: string;
  readonly read: (api: KubernetesApi) => Promise<T>;
}

/** A page of a hundred objects may take a busy server a while. */
const timeoutMs = 30_000;

/**
 * Reads from a cluster's API.
 *
 * @throws {PromoterError} what the API says; `Denied` and `Unauthorized` with what to grant.
 */
export async function readCluster<T>(reading: ClusterReading<T>): Promise<T> {
  const { access, runtime, signal, doing, grant, read } = reading;
  await using api = openKubernetesApi({ access, readFile: runtime.readFile, timeoutMs, signal });
  try {
    return await read(api);
  } catch (error) {
    if (!hasCode(error, "Denied", "Unauthorized")) throw error;
    throw new PromoterError(error.code, `Cannot ${doing}: ${error.message}`, {
      cause: error,
      ...(error.request !== undefined && { request: error.request }),
      hint: grant,
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
