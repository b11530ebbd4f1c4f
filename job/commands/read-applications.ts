import type { PromoterConfiguration } from "../config/schema.ts";
import { updateApplications } from "../config/update-applications.ts";
import { asPromoterError, hasCode, PromoterError } from "../error.ts";
import { type KubernetesApi, openKubernetesApi } from "../kubernetes/api.ts";
import { listObjects } from "../kubernetes/list-objects.ts";
import { clusterAccess } from "../kubernetes/read-cluster.ts";
import { isObject } from "../oci/descriptor.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import { reportedError } from "../promotion/image-report.ts";
import { annotatedSubject } from "../update/annotations.ts";
import type { UpdateSubject } from "../update/application.ts";
import { type ArgoObjects, applicationsIn } from "../update/application-documents.ts";
import { updaterRules } from "../update/image-updater.ts";
import type { ApplicationUpdate } from "../update/report.ts";
import type { CommandContext } from "./command.ts";
import { readText } from "./read-images.ts";
import type { UpdateSettings } from "./update-settings.ts";

/** What is to be updated. */
export interface FoundApplications {
  readonly subjects: readonly UpdateSubject[];
  /** Applications that ask to be updated, and cannot be. */
  readonly failed: readonly ApplicationUpdate[];
}

/**
 * The applications of the configuration, of files and of the cluster, in this order; those of the same name count
 * once, as they are found first.
 *
 * @throws {PromoterError} `Usage` and `InvalidInput` for a file that cannot be read; what the cluster says.
 */
export async function readApplications(
  configuration: PromoterConfiguration | undefined,
  own: UpdateSettings,
  command: CommandContext,
): Promise<FoundApplications> {
  const found = new Map<string, UpdateSubject>();
  const failed: ApplicationUpdate[] = [];
  const isWanted = (name: string) =>
    own.names.length === 0 || own.names.some((pattern) => isNamed(name, pattern));
  const add = (subject: UpdateSubject) => {
    if (isWanted(subject.name) && !found.has(subject.name)) found.set(subject.name, subject);
  };
  for (const subject of updateApplications(configuration)) add(subject);
  const { applications, updaters } = await argoObjects(own, command);
  const rules = updaters.flatMap((updater) => {
    try {
      return updaterRules(updater);
    } catch (error) {
      failed.push(failedObject("ImageUpdater", nameOf(updater), error));
      return [];
    }
  });
  const options = { argocdNamespace: own.argocdNamespace, rules };
  for (const application of applications) {
    try {
      const subject = annotatedSubject(application, options);
      if (subject !== undefined) add(subject);
    } catch (error) {
      const name = nameOf(application);
      if (isWanted(name)) failed.push(failedObject("Application", name, error));
    }
  }
  return { subjects: [...found.values()], failed };
}

/** A pattern without a namespace is for every namespace. */
function isNamed(name: string, pattern: string): boolean {
  return matchesWildcard(pattern, name) || matchesWildcard(pattern, name.slice(name.indexOf("/") + 1));
}

async function argoObjects(own: UpdateSettings, command: CommandContext): Promise<ArgoObjects> {
  const found: ArgoObjects[] = [];
  for (const file of own.files) found.push(applicationsIn(await readText(file, command.runtime), file));
  if (own.cluster) found.push(await clusterObjects(command));
  return {
    applications: found.flatMap(({ applications }) => applications),
    updaters: found.flatMap(({ updaters }) => updaters),
  };
}

/** A page of a hundred objects may take a busy server a while. */
const timeoutMs = 30_000;

async function clusterObjects({ runtime, signal }: CommandContext): Promise<ArgoObjects> {
  const access = await clusterAccess(runtime);
  if (access === undefined) {
    throw new PromoterError("Usage", "There is no cluster to read Applications from", {
      hint: "Set KUBECONFIG, run it in the cluster, or give the Applications by --applications FILE",
    });
  }
  await using api = openKubernetesApi({ access, readFile: runtime.readFile, timeoutMs, signal });
  try {
    const applications = await listed(api, "/apis/argoproj.io/v1alpha1/applications", signal);
    return { applications, updaters: await clusterUpdaters(api, signal) };
  } catch (error) {
    if (!hasCode(error, "Denied", "Unauthorized")) throw error;
    throw new PromoterError(error.code, `Cannot read the cluster's Applications: ${error.message}`, {
      cause: error,
      ...(error.request !== undefined && { request: error.request }),
      hint: "Grant get and list on applications.argoproj.io in every namespace, by a ClusterRole",
    });
  }
}

/** None where the cluster does not know the kind, or they are not for us to see: annotations count then. */
async function clusterUpdaters(api: KubernetesApi, signal: AbortSignal): Promise<readonly unknown[]> {
  const path = "/apis/argocd-image-updater.argoproj.io/v1alpha1/imageupdaters";
  try {
    if ((await api.get(`${path}?limit=1`, { signal })) === undefined) return [];
    return await listed(api, path, signal);
  } catch (error) {
    if (hasCode(error, "Denied")) return [];
    throw error;
  }
}

async function listed(api: KubernetesApi, path: string, signal: AbortSignal): Promise<readonly unknown[]> {
  const objects: unknown[] = [];
  for await (const { items } of listObjects(api, path, { signal })) objects.push(...items);
  return objects;
}

function nameOf(application: unknown): string {
  const { metadata } = isObject(application) ? application : {};
  const { name, namespace } = isObject(metadata) ? metadata : {};
  return [namespace, name].filter((part) => typeof part === "string").join("/");
}

function failedObject(kind: string, name: string, error: unknown): ApplicationUpdate {
  return {
    name,
    origin: `${kind} ${name}`,
    images: [],
    warnings: [],
    error: reportedError(asPromoterError(error)),
  };
}
