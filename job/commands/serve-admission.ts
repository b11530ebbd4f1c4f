import { openKubernetesApi } from "../kubernetes/api.ts";
import { detectPod } from "../kubernetes/pod.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import type { AdmissionOptions } from "../webhook/admission.ts";
import { namespaceAnnotations } from "../webhook/namespace-annotations.ts";
import type { Serving } from "./serving.ts";

/** Namespaces of which Kubernetes itself lives: whoever stopped their pods could not start anything again. */
const systemNamespaces = ["kube-system", "kube-public", "kube-node-lease"];

/**
 * By what admission requests are decided: rules, namespaces that are left alone, annotations of namespaces where there
 * is an API to ask.
 *
 * @param closing what is disposed of when nobody asks any more.
 */
export async function admissionOptionsOf(
  { own, settings, routes, command, run, webhook }: Serving,
  closing: AsyncDisposableStack,
): Promise<AdmissionOptions> {
  const { env, readFile, clock } = command.runtime;
  const { rules, pin, annotations, excludeNamespaces } = webhook;
  const pod = await detectPod(env, readFile);
  const excluded = new Set([...systemNamespaces, ...(pod === undefined ? [] : [pod.namespace])]);
  const api =
    pod?.api === undefined || annotations === "none"
      ? undefined
      : closing.use(openKubernetesApi({ access: pod.api, readFile, timeoutMs: 2_000 }));
  return {
    routes,
    strict: settings.strict,
    rules: { policy: own.policy, onFailure: own.onFailure, pin, annotations, rules },
    isExcluded: (namespace) =>
      excluded.has(namespace) || excludeNamespaces.some((pattern) => matchesWildcard(pattern, namespace)),
    ...(api && { namespaceAnnotations: namespaceAnnotations({ api, clock }) }),
    log: run.log,
  };
}
