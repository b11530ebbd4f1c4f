import { describe, expect, it } from "vitest";
import { detectPod } from "../../job/kubernetes/pod.ts";
import { serviceAccount } from "./fake-kubernetes.ts";

const files = serviceAccount("-----BEGIN CERTIFICATE-----\n");
const none = async () => {
  throw new Error("ENOENT");
};
const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount/token";

describe("detectPod", () => {
  it("finds name, namespace and API server", async () => {
    const env = {
      KUBERNETES_SERVICE_HOST: "10.96.0.1",
      KUBERNETES_SERVICE_PORT: "443",
      HOSTNAME: "promote-x7k2p",
    };
    expect(await detectPod(env, files)).toEqual({
      name: "promote-x7k2p",
      namespace: "shop",
      api: {
        server: "https://10.96.0.1:443",
        certificateAuthority: "-----BEGIN CERTIFICATE-----",
        tokenPath,
      },
    });
  });

  it.each<[Record<string, string>, object]>([
    [{ HOSTNAME: "node-1", POD_NAME: "promote-1" }, { name: "promote-1" }],
    [{ POD_NAMESPACE: "other" }, { namespace: "other" }],
    [{ POD_UID: "u-1" }, { uid: "u-1" }],
    [
      { KUBERNETES_SERVICE_PORT_HTTPS: "6443", KUBERNETES_SERVICE_PORT: "1" },
      { api: { server: "https://10.96.0.1:6443" } },
    ],
    [{ KUBERNETES_SERVICE_HOST: "fd00::1" }, { api: { server: "https://[fd00::1]:443" } }],
    [
      { KUBERNETES_SERVICE_HOST: "api.cluster.example" },
      { api: { server: "https://api.cluster.example:443" } },
    ],
  ])("takes %j into account", async (env, expected) => {
    expect(await detectPod({ KUBERNETES_SERVICE_HOST: "10.96.0.1", ...env }, files)).toMatchObject(expected);
  });

  it("is a pod without API where no token is mounted", async () => {
    const env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", HOSTNAME: "p" };
    expect(await detectPod(env, none)).toEqual({ name: "p", namespace: "default" });
  });

  it("is none outside Kubernetes, whatever files there are", async () => {
    expect(await detectPod({ HOSTNAME: "laptop" }, files)).toBeUndefined();
  });
});
