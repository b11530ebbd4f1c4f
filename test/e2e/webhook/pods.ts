import type { ToolRun } from "../../integration/run-tool.ts";
import type { Namespace } from "../namespace.ts";

export interface PodOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  /** Fields of the pod's spec. */
  readonly spec?: object;
}

/** A spec that the restricted Pod Security profile admits. */
export function podSpecOf(image: string, spec: object = {}) {
  return {
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "app",
        image,
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
    ...spec,
  };
}

/** A pod of one container. */
export function podOf(name: string, image: string, { annotations = {}, spec }: PodOptions = {}) {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, annotations }, spec: podSpecOf(image, spec) };
}

/** A Deployment of such pods. */
export function deploymentOf(name: string, image: string, { replicas = 1 } = {}) {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpecOf(image) },
    },
  };
}

/** Makes or changes an object, however it ends. */
export function tryApply(
  namespace: Namespace,
  object: object,
  ...flags: readonly string[]
): Promise<ToolRun> {
  return namespace.tryKubectl(["apply", "-f", "-", ...flags], { input: JSON.stringify(object) });
}

/** Makes or changes an object; gives what is warned of. */
export async function apply(namespace: Namespace, object: object): Promise<string> {
  const { code, stderr } = await tryApply(namespace, object);
  if (code !== 0) throw new Error(stderr);
  return stderr;
}

/** Waits until a pod runs. */
export async function running(namespace: Namespace, pod: string, seconds = 60): Promise<void> {
  await namespace.kubectl(["wait", "--for=condition=Ready", `pod/${pod}`, `--timeout=${seconds}s`]);
}

/** The image that a pod's container names. */
export async function imageOf(namespace: Namespace, pod: string): Promise<string> {
  return await namespace.kubectl(["get", "pod", pod, "-o", "jsonpath={.spec.containers[0].image}"]);
}
