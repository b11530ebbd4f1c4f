import { readFile } from "node:fs/promises";
import process from "node:process";
import { type KubernetesApi, openKubernetesApi } from "../../../job/kubernetes/api.ts";
import { readKubeconfig } from "../../../job/kubernetes/kubeconfig.ts";
import type { Namespace } from "../namespace.ts";

/** The API as the tests' own identity sees it: for more requests than there is time to start kubectl. */
export async function openApi(): Promise<KubernetesApi> {
  const read = (path: string) => readFile(path, "utf8");
  const run = () => Promise.reject(new Error("Credentials of programs are not for these tests"));
  const access = await readKubeconfig(process.env.KUBECONFIG ?? "", { readFile: read, run });
  return openKubernetesApi({ access, readFile: read, timeoutMs: 60_000 });
}

/** Pods that are asked for, without effect, one after the other and several at a time. */
export interface Load {
  /** Asks no more; how many were let in, and why others were not. */
  end(): Promise<{ readonly admitted: number; readonly refusals: readonly string[] }>;
}

/** Asks without pause for pods as `pod` has them, each of another name. */
export function startLoad(namespace: Namespace, pod: (name: string) => object, atOnce = 4): Load {
  const path = `/api/v1/namespaces/${namespace.name}/pods?dryRun=All`;
  const refusals: string[] = [];
  let admitted = 0;
  let ended = false;
  const ask = async (api: KubernetesApi, worker: number) => {
    for (let turn = 0; !ended; turn += 1) {
      try {
        await api.create(path, pod(`load-${worker}-${turn}`));
        admitted += 1;
      } catch (error) {
        refusals.push(`${new Date().toISOString()} ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  const working = (async () => {
    await using api = await openApi();
    await Promise.all(Array.from({ length: atOnce }, (_, worker) => ask(api, worker)));
  })();
  return {
    async end() {
      ended = true;
      await working;
      return { admitted, refusals };
    },
  };
}
