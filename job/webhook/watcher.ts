import type { Clock } from "../async/clock.ts";
import { asPromoterError } from "../error.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { eventOf } from "../kubernetes/event.ts";
import type { ApiObject } from "../kubernetes/object.ts";
import { watchObjects } from "../kubernetes/watch-objects.ts";
import type { Log } from "../log.ts";
import type { Reference } from "../oci/reference.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";
import type { AdmissionOptions } from "./admission.ts";
import { annotatedOf, annotatedTreatment } from "./annotated-treatment.ts";
import type { Ensured, OnDemand } from "./on-demand.ts";
import { imagesOfOurs } from "./our-images.ts";
import { waitingImages } from "./waiting-images.ts";
import { PodWishes, type WaitingPod } from "./wishes-of-pods.ts";
import { readWorkload } from "./workload-images.ts";

export interface WatcherOptions {
  readonly api: KubernetesApi;
  readonly onDemand: Pick<OnDemand, "ensure">;
  /** By what it is decided whose images are promoted: nothing that is to be verified only, or left alone. */
  readonly admission: AdmissionOptions;
  /** The name of the pod that says so in Events. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 200. */
  readonly gatherMs?: number;
  /** Given what counts the images that pods wait for. */
  readonly onWatching?: (waiting: () => number) => void;
}

/** The pods of a rollout that an Event is posted for; the others say the same. */
const mostEvents = 5;

/**
 * Promotes the images that pods wait for already, for as long as they do: those whose pull failed because nobody had
 * promoted them, or because a lifecycle policy removed them. The kubelet pulls again by itself. Resolves when the
 * signal is aborted. For one process at a time: see `leadByLease`.
 */
export async function watchWaitingPods(options: WatcherOptions, signal: AbortSignal): Promise<void> {
  const { api, onDemand, clock, log, gatherMs } = options;
  const announce = (pods: readonly WaitingPod[], outcome: Ensured, image: string) => {
    for (const pod of pods.slice(0, mostEvents)) void postEvent(pod, { outcome, image, options, signal });
  };
  const gathering = gatherMs === undefined ? {} : { gatherMs };
  const wishes = new PodWishes({ onDemand, clock, log, signal, announce, ...gathering });
  options.onWatching?.(() => (signal.aborted ? 0 : wishes.size));
  // What has ended pulls nothing.
  const fieldSelector = "status.phase!=Succeeded,status.phase!=Failed";
  let gone = new Set<string>();
  for await (const change of watchObjects(api, { path: "/api/v1/pods", fieldSelector, clock, log, signal })) {
    if (change.type === "listing") gone = new Set(wishes.pods);
    else if (change.type === "listed") for (const uid of gone) wishes.forget(uid);
    else {
      const pod = podOf(change.object);
      gone.delete(pod.uid);
      if (change.type === "deleted") wishes.forget(pod.uid);
      else wishes.wants(pod, await promotable(change.object, pod, options));
    }
  }
  await wishes.settled();
}

function podOf({ metadata: { namespace = "", name, uid } }: ApiObject): WaitingPod {
  return { namespace, name, uid: uid ?? `${namespace}/${name}` };
}

/** The images that a pod waits for, and that may be promoted on demand. */
async function promotable(
  object: ApiObject,
  { namespace, name }: WaitingPod,
  { admission, log }: WatcherOptions,
): Promise<readonly Reference[]> {
  const waiting = waitingImages(object);
  if (waiting.length === 0 || admission.isExcluded(namespace)) return [];
  const { routes, rules } = admission;
  const ours = imagesOfOurs(waiting, { routes, strict: false }).filter(
    ({ namedBy }) => namedBy === "destination",
  );
  const workload = readWorkload("Pod", object);
  if (ours.length === 0 || workload === undefined) return [];
  try {
    const annotated = await annotatedOf({ namespace }, workload, admission);
    return ours
      .map(({ destination }) => destination)
      .filter((image) => {
        const place = { namespace, labels: workload.labels, image };
        const { policy } = annotatedTreatment(place, annotated, rules);
        return policy !== "off" && policy !== "verify-only";
      });
  } catch (error) {
    const { code, message, hint } = asPromoterError(error);
    log.warn({ pod: `${namespace}/${name}`, code, hint }, `Cannot say how to treat a pod: ${message}`);
    return [];
  }
}

interface Announcement {
  readonly outcome: Ensured;
  readonly image: string;
  readonly options: WatcherOptions;
  readonly signal: AbortSignal;
}

async function postEvent(pod: WaitingPod, { outcome, image, options, signal }: Announcement): Promise<void> {
  const note = noteOf(outcome, image);
  if (note === undefined) return;
  const { api, instance, clock, log } = options;
  const { namespace, name, uid } = pod;
  const event = eventOf(
    { regarding: { apiVersion: "v1", kind: "Pod", namespace, name, uid }, instance },
    { at: clock.now(), failed: outcome.status === "failed", note },
  );
  try {
    await api.create(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, event, { signal });
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = asPromoterError(error);
    log.debug({ pod: `${namespace}/${name}`, code }, `Cannot post an Event: ${message}`);
  }
}

function noteOf(outcome: Ensured, image: string): string | undefined {
  const name = escapeForTerminal(image);
  if (outcome.status === "promoted") return `Promoted ${name}, for which this pod waits; it is pulled next`;
  if (outcome.status !== "failed") return undefined;
  const { code, message, hint } = outcome.error;
  const advice = hint === undefined ? "" : `\n${escapeForTerminal(hint)}`;
  return `Cannot promote ${name}: ${code}: ${escapeForTerminal(message)}${advice}`;
}
