import type { Answer } from "../http-server/listener.ts";
import { listenSecurely } from "../http-server/secure-listener.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import { type AdmissionOptions, admission } from "../webhook/admission.ts";
import { admissionEndpoint } from "../webhook/admission-endpoint.ts";
import { validityOf } from "../webhook/certificates/check-certificate.ts";
import { judgeOnDemand } from "../webhook/mutate.ts";
import { namespaceAnnotations } from "../webhook/namespace-annotations.ts";
import { judgeAtLast } from "../webhook/validate.ts";
import { readPem, serverCertificates } from "./serve-certificate.ts";
import type { Cluster } from "./serve-cluster.ts";
import type { Serving } from "./serving.ts";

/** Namespaces of which Kubernetes itself lives: whoever stopped their pods could not start anything again. */
const systemNamespaces = ["kube-system", "kube-public", "kube-node-lease"];
/**
 * Listens for admission requests, as soon as there is a certificate.
 *
 * @param closing what is disposed of when no more are to come.
 */
export async function listenForAdmission(
  serving: Serving,
  { options, cluster }: { readonly options: AdmissionOptions; readonly cluster: Cluster | undefined },
  closing: AsyncDisposableStack,
): Promise<void> {
  const { own, command, run, onDemand, counting, metrics } = serving;
  const { readFile, clock } = command.runtime;
  const endpoint = admissionEndpoint({
    admissions: {
      "/admit": admission(options, judgeOnDemand(serving)),
      "/validate": admission(options, judgeAtLast(onDemand)),
    },
    clock,
    observe: counting.answered,
    ...(own.deadlineMs !== undefined && { longestMs: own.deadlineMs }),
  });
  const answer: Answer = (request, response) => {
    // Once it stops, nobody comes back by the same connection: a request could meet it just when it is closed.
    if (command.signal.aborted) response.shouldKeepAlive = false;
    endpoint(request, response);
  };
  const { tlsClientCaFile: authority } = own;
  const clients = authority === undefined ? {} : { clientAuthority: await readPem(authority, readFile) };
  const certificates = serverCertificates(serving, cluster);
  const first = await certificates.next();
  if (first.done === true) return;
  const listener = closing.use(
    await listenSecurely(own.listen, answer, { certificate: first.value, ...clients }),
  );
  let shown = first.value;
  metrics.gauge(
    "image_promoter_certificate_expiry_seconds",
    "When the certificate that is shown ends, in seconds since the epoch",
    () => (validityOf(shown.certificate)?.until ?? 0) / 1_000,
  );
  run.log.info({ host: listener.host, port: listener.port }, "Listening for admission requests");
  void renewing();

  async function renewing(): Promise<void> {
    for await (const certificate of certificates) {
      listener.renew(certificate);
      shown = certificate;
      run.log.info({}, "Another certificate is shown");
    }
  }
}

/** By what requests are decided: rules, namespaces that are left alone, annotations where there is an API to ask. */
export function admissionOptionsOf(
  { own, settings, routes, command, run, webhook }: Serving,
  cluster: Cluster | undefined,
): AdmissionOptions {
  const { clock } = command.runtime;
  const { rules, pin, annotations, excludeNamespaces } = webhook;
  // Without a token nothing but this variable tells a pod where it is.
  const home = cluster?.pod.namespace ?? command.runtime.env.POD_NAMESPACE;
  const excluded = new Set([...systemNamespaces, ...(home ? [home] : [])]);
  return {
    routes,
    strict: settings.strict,
    rules: { policy: own.policy, onFailure: own.onFailure, pin, annotations, rules },
    isExcluded: (namespace) =>
      excluded.has(namespace) || excludeNamespaces.some((pattern) => matchesWildcard(pattern, namespace)),
    ...(cluster !== undefined &&
      annotations !== "none" && { namespaceAnnotations: namespaceAnnotations({ api: cluster.api, clock }) }),
    log: run.log,
  };
}
