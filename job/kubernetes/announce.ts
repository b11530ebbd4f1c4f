import { asPromoterError, type PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import type { PromotionReport } from "../promotion/report.ts";
import { errorTerminationMessage, terminationMessage } from "../report/termination-message.ts";
import { openKubernetesApi } from "./api.ts";
import { type EventContext, eventOfError, eventOfReport, type PromotionEventObject } from "./event.ts";
import { detectPod, type Pod } from "./pod.ts";
import { findRegarding } from "./regarding.ts";
import type { Environment, ReadFile, WriteFile } from "./surroundings.ts";

export interface AnnounceOptions {
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly writeFile: WriteFile;
  readonly log: Log;
  /** Ends the requests; the termination message is written all the same. */
  readonly signal?: AbortSignal;
}

const defaultMessagePath = "/dev/termination-log";

/**
 * Tells the cluster what was done: the termination message of the container, and an Event on the Job. Outside a pod it
 * does nothing, unless `TERMINATION_MESSAGE_PATH` is set. Never rejects: what fails is a warning in the log that says
 * what to grant.
 */
export async function announcePromotion(
  options: AnnounceOptions & { readonly report: PromotionReport },
): Promise<void> {
  const { report } = options;
  await announce(options, terminationMessage(report), (context) => eventOfReport(report, context));
}

/** The same for a command that could not do its work. `at` is the time in milliseconds since the epoch. */
export async function announceError(
  options: AnnounceOptions & { readonly error: PromoterError; readonly at: number },
): Promise<void> {
  const { error, at } = options;
  await announce(options, errorTerminationMessage(error), (context) => eventOfError(error, at, context));
}

type EventOf = (context: EventContext) => PromotionEventObject | undefined;

async function announce(options: AnnounceOptions, message: string, eventOf: EventOf): Promise<void> {
  const pod = await detectPod(options.env, options.readFile);
  const path = options.env.TERMINATION_MESSAGE_PATH || (pod && defaultMessagePath);
  if (path) await writeMessage(options, path, message);
  if (pod) await postEvent(options, pod, eventOf);
}

async function writeMessage(
  { writeFile, log }: AnnounceOptions,
  path: string,
  message: string,
): Promise<void> {
  try {
    await writeFile(path, message);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = "Set TERMINATION_MESSAGE_PATH to the container's terminationMessagePath";
    log.warn({ path, hint }, `Cannot write the termination message: ${reason}`);
  }
}

async function postEvent(options: AnnounceOptions, pod: Pod, eventOf: EventOf): Promise<void> {
  const { env, readFile, log, signal } = options;
  const { name, namespace, api: access } = pod;
  const asPod = { apiVersion: "v1", kind: "Pod", namespace, name } as const;
  if (eventOf({ regarding: asPod, instance: name }) === undefined) return;
  if (access === undefined) {
    log.debug({}, "No Event: no service account token is mounted");
    return;
  }
  try {
    await using api = openKubernetesApi({ access, readFile, ...(signal && { signal }) });
    const regarding = await findRegarding({ pod, env, api, log });
    const event = eventOf({ regarding, instance: name });
    if (event !== undefined) await api.create(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, event);
  } catch (error) {
    const { code, message, hint, request } = asPromoterError(error);
    const advice = code === "Denied" || code === "Unauthorized" ? grantHint(namespace) : hint;
    log.warn({ code, request, hint: advice }, `Cannot post an Event: ${message}`);
  }
}

function grantHint(namespace: string): string {
  const role = `kubectl create role image-promoter-events --namespace ${namespace} --verb=create --resource=events.events.k8s.io`;
  return `Grant the Job's service account the verb "create" on "events" of the API group "events.k8s.io": ${role}, and bind the role to it`;
}
