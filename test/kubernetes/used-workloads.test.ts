import { describe, expect, it } from "vitest";
import { usedWorkloads } from "../../job/kubernetes/used-workloads.ts";
import { forbidden, serviceAccount, startKubernetes } from "./fake-kubernetes.ts";
import { deployment, startCluster } from "./running-cluster.ts";

const { signal } = new AbortController();

async function neverRun(): Promise<never> {
  throw new Error("nothing is to be run");
}

/** A runtime that has these files and variables, and nothing else. */
function runtime(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const readFile = async (path: string) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    return text;
  };
  return { env, readFile, run: neverRun };
}

describe("the workloads of a cluster", () => {
  it("are those of the file that is named, whatever KUBECONFIG says", async () => {
    await using staging = await startCluster([deployment("a", "staging.example/a:1")]);
    await using production = await startCluster([deployment("b", "prod.example/b:1")]);
    const files = { staging: staging.kubeconfig, production: production.kubeconfig };
    const known = runtime(files, { KUBECONFIG: "production" });
    const names = async (kubeconfig?: string) =>
      (await usedWorkloads(kubeconfig, known, signal)).map(({ workload }) => workload);
    expect(await names("staging")).toEqual(["Deployment shop/a"]);
    expect(await names()).toEqual(["Deployment shop/b"]);
  });

  it("are not known in part: what is denied is told, with what to grant", async () => {
    await using server = await startKubernetes(({ path }) =>
      path.startsWith("/apis/batch") ? forbidden : { status: 200, body: { items: [], metadata: {} } },
    );
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) };
    const pod = { env, readFile: serviceAccount(server.certificate), run: neverRun };
    await expect(usedWorkloads(undefined, pod, signal)).rejects.toMatchObject({
      code: "Denied",
      message: expect.stringContaining("Cannot see what the cluster runs"),
      hint: expect.stringContaining("list on pods, deployments, statefulsets, daemonsets and cronjobs"),
    });
  });

  it("are of no cluster where none is named", async () => {
    await expect(usedWorkloads(undefined, runtime({}), signal)).rejects.toMatchObject({
      code: "Usage",
      hint: expect.stringContaining("--cluster NAME=KUBECONFIG"),
    });
  });
});
