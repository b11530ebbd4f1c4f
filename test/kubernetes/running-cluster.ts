import { type FakeKubernetes, startKubernetes } from "./fake-kubernetes.ts";

/** A Deployment as the API, and a manifest, have it. */
export const deployment = (name: string, reference: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "shop" },
  spec: { template: { spec: { containers: [{ name: "app", image: reference }] } } },
});

/** A pod of a Deployment, with the status of its container. */
export const podOf = (owner: string, reference: string, status: object = {}) => ({
  metadata: {
    name: `${owner}-5d4f-x`,
    namespace: "shop",
    labels: { "pod-template-hash": "5d4f" },
    ownerReferences: [{ kind: "ReplicaSet", name: `${owner}-5d4f`, controller: true }],
  },
  spec: { containers: [{ name: "app", image: reference }] },
  status: { containerStatuses: [{ name: "app", ...status }] },
});

/** A cluster that runs what it is told, and the kubeconfig that leads to it. */
export async function startCluster(deployments: readonly object[], pods: readonly object[] = []) {
  const server: FakeKubernetes = await startKubernetes(({ path }) => {
    const { pathname } = new URL(path, "https://cluster");
    const lists: Readonly<Record<string, readonly object[]>> = {
      "/apis/apps/v1/deployments": deployments,
      "/api/v1/pods": pods,
    };
    return { status: 200, body: { metadata: {}, items: lists[pathname] ?? [] } };
  });
  const kubeconfig = JSON.stringify({
    "current-context": "a",
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    clusters: [
      {
        name: "a",
        cluster: {
          server: `https://127.0.0.1:${server.port}`,
          "certificate-authority-data": Buffer.from(server.certificate).toString("base64"),
        },
      },
    ],
    users: [{ name: "a", user: { token: "reader" } }],
  });
  return { kubeconfig, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
