import { PromoterError } from "../error.ts";
import { type KubernetesApi, openKubernetesApi } from "../kubernetes/api.ts";
import { leadByLease } from "../kubernetes/lease.ts";
import { detectPod, type Pod } from "../kubernetes/pod.ts";
import type { AdmissionOptions } from "../webhook/admission.ts";
import { maintainCertificates } from "../webhook/certificates/maintain-certificates.ts";
import type { WebhookConfiguration } from "../webhook/certificates/trust.ts";
import { watchWaitingPods } from "../webhook/watcher.ts";
import type { Serving } from "./serving.ts";

const defaultLease = "image-promoter";

/** The cluster that the process runs in, as far as it may ask there. */
export interface Cluster {
  readonly pod: Pod;
  readonly api: KubernetesApi;
}

/**
 * The cluster that the process runs in; undefined outside of one, or without a token.
 *
 * @param closing what is disposed of at the end.
 */
export async function openCluster(
  { command: { runtime } }: Pick<Serving, "command">,
  closing: AsyncDisposableStack,
): Promise<Cluster | undefined> {
  const { env, readFile } = runtime;
  const pod = await detectPod(env, readFile);
  if (pod?.api === undefined) return undefined;
  return { pod, api: closing.use(openKubernetesApi({ access: pod.api, readFile })) };
}

/**
 * Does what one of all replicas is to do, while it is the one: keeps the certificate, and promotes what pods wait for.
 * Resolves when the signal is aborted and that has ended, at once where there is nothing to do.
 *
 * @throws {PromoterError} `Usage` when it needs a cluster, and there is none.
 */
export async function lead(
  { own, command, run, onDemand, metrics }: Serving,
  cluster: Cluster | undefined,
  admission: AdmissionOptions,
): Promise<void> {
  const { tlsSecret = "", selfManaged, watchPods, lease: name = defaultLease } = own.cluster;
  if (selfManaged === undefined && !watchPods) return;
  if (cluster === undefined) throw withoutCluster(own.cluster);
  const { api, pod } = cluster;
  const { namespace, name: identity } = pod;
  const { runtime, signal } = command;
  const base = { api, clock: runtime.clock, log: run.log };
  let [leads, waiting] = [false, () => 0];
  const onLeading = (now: boolean) => {
    leads = now;
  };
  const onWatching = (count: () => number) => {
    waiting = count;
  };
  metrics.gauge("image_promoter_leader", "Whether this replica does what one alone does", () =>
    Number(leads),
  );
  metrics.gauge("image_promoter_waiting_images", "Images that pods wait for, told by the leader", () =>
    waiting(),
  );
  await leadByLease({ ...base, namespace, name, identity, signal, onLeading }, async (leading) => {
    await Promise.all([
      selfManaged &&
        maintainCertificates(
          {
            ...base,
            ...selfManaged,
            namespace,
            secret: tlsSecret,
            configurations: selfManaged.configurations.flatMap(bothKinds),
          },
          leading,
        ),
      watchPods &&
        watchWaitingPods({ ...base, onDemand, admission, instance: identity, onWatching }, leading),
    ]);
  });
}

function bothKinds(name: string): readonly WebhookConfiguration[] {
  return [
    { kind: "MutatingWebhookConfiguration", name },
    { kind: "ValidatingWebhookConfiguration", name },
  ];
}

/** @throws {PromoterError} `Usage` when something is to be done in a cluster, and there is none. */
export function checkCluster({ own }: Pick<Serving, "own">, cluster: Cluster | undefined): void {
  const { tlsSecret, watchPods } = own.cluster;
  if (cluster === undefined && (watchPods || tlsSecret !== undefined)) throw withoutCluster(own.cluster);
}

function withoutCluster({ watchPods }: Serving["own"]["cluster"]): PromoterError {
  const flag = watchPods ? "--watch" : "--tls-secret";
  return new PromoterError("Usage", `${flag} is for a pod, and this is none, or one without a token`, {
    hint: "Run it in a cluster, with automountServiceAccountToken: true",
  });
}
