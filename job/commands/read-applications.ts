import type { PromoterConfiguration } from "../config/schema.ts";
import { updateApplications } from "../config/update-applications.ts";
import { asPromoterError, hasCode, PromoterError } from "../error.ts";
import { openKubernetesApi } from "../kubernetes/api.ts";
import { listObjects } from "../kubernetes/list-objects.ts";
import { clusterAccess } from "../kubernetes/used-images.ts";
import { isObject } from "../oci/descriptor.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import { reportedError } from "../promotion/image-report.ts";
import { annotatedSubject } from "../update/annotations.ts";
import type { UpdateSubject } from "../update/application.ts";
import { applicationsIn } from "../update/application-documents.ts";
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
  for (const application of await annotated(own, command)) {
    try {
      const subject = annotatedSubject(application, own);
      if (subject !== undefined) add(subject);
    } catch (error) {
      const name = nameOf(application);
      if (isWanted(name)) failed.push(failedApplication(name, error));
    }
  }
  return { subjects: [...found.values()], failed };
}

/** A pattern without a namespace is for every namespace. */
function isNamed(name: string, pattern: string): boolean {
  return matchesWildcard(pattern, name) || matchesWildcard(pattern, name.slice(name.indexOf("/") + 1));
}

async function annotated(own: UpdateSettings, command: CommandContext): Promise<readonly unknown[]> {
  const applications: unknown[] = [];
  for (const file of own.files) {
    const text = await readText(file, command.runtime);
    applications.push(...applicationsIn(text, file));
  }
  if (own.cluster) applications.push(...(await clusterApplications(command)));
  return applications;
}

/** A page of a hundred objects may take a busy server a while. */
const timeoutMs = 30_000;

async function clusterApplications({ runtime, signal }: CommandContext): Promise<readonly unknown[]> {
  const access = await clusterAccess(runtime);
  if (access === undefined) {
    throw new PromoterError("Usage", "There is no cluster to read Applications from", {
      hint: "Set KUBECONFIG, run it in the cluster, or give the Applications by --applications FILE",
    });
  }
  await using api = openKubernetesApi({ access, readFile: runtime.readFile, timeoutMs, signal });
  const applications: unknown[] = [];
  try {
    for await (const { items } of listObjects(api, "/apis/argoproj.io/v1alpha1/applications", { signal }))
      applications.push(...items);
  } catch (error) {
    if (!hasCode(error, "Denied", "Unauthorized")) throw error;
    throw new PromoterError(error.code, `Cannot read the cluster's Applications: ${error.message}`, {
      cause: error,
      ...(error.request !== undefined && { request: error.request }),
      hint: "Grant get and list on applications.argoproj.io in every namespace, by a ClusterRole",
    });
  }
  return applications;
}

function nameOf(application: unknown): string {
  const { metadata } = isObject(application) ? application : {};
  const { name, namespace } = isObject(metadata) ? metadata : {};
  return [namespace, name].filter((part) => typeof part === "string").join("/");
}

function failedApplication(name: string, error: unknown): ApplicationUpdate {
  return {
    name,
    origin: `Application ${name}`,
    images: [],
    warnings: [],
    error: reportedError(asPromoterError(error)),
  };
}
