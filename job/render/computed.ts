import type { Computed } from "./computed-value.ts";
import type { Fields } from "./fields.ts";
import { attestationSecret, temporaryFolder } from "./gate-configuration.ts";
import { jobHookAnnotations, prerequisiteAnnotations } from "./hook-annotations.ts";
import { jobConfiguration, promotedImages, promoterImage, registryOf } from "./job-settings.ts";
import { objectLabels, podLabels } from "./labels.ts";
import { cronJobName, fullname, jobName, serviceAccountName } from "./names.ts";
import type { Release } from "./release.ts";
import { serveComputed } from "./services/serve-computed.ts";
import { updateComputed } from "./services/update-computed.ts";

/**
 * What templates call computed, for plain manifests. The chart has each under the same name in `templates/helm`, and a
 * test proves with a real Helm that both come to the same.
 *
 * @param jobSpec the Job's spec in canonical JSON: its name has a hash of it.
 */
export function computed(name: string, release: Release, jobSpec: () => string): Computed | undefined {
  const { values } = release;
  switch (name) {
    case "namespace":
      return release.namespace ?? "";
    case "fullname":
    case "configMapName":
      return fullname(release);
    case "serviceAccountName":
      return serviceAccountName(release);
    case "cronJobName":
      return cronJobName(release);
    case "jobName":
      return jobName(release, [jobSpec(), jobConfiguration(values)]);
    case "images":
      return promotedImages(values);
    case "image":
      return promoterImage(values);
    case "arguments":
      return ["promote", ...values.extraArgs];
    case "from":
      return registryOf(values.source);
    case "to":
      return registryOf(values.destination);
    case "configuration":
      return jobConfiguration(values);
    case "attestationSecret":
      return attestationSecret(values);
    case "temporaryFolder":
      return temporaryFolder(values);
    default:
      return computedFields(name, release) ?? serviceComputed(name, release);
  }
}

function serviceComputed(name: string, release: Release): Computed | undefined {
  return name.startsWith("update") ? updateComputed(name, release) : serveComputed(name, release);
}

function computedFields(name: string, release: Release): Fields | undefined {
  const { hook, job, serviceAccount } = release.values;
  switch (name) {
    case "labels":
      return objectLabels(release);
    case "jobLabels":
      return objectLabels(release, job.labels);
    case "serviceAccountLabels":
      return objectLabels(release, serviceAccount.labels);
    case "podLabels":
      return podLabels(release);
    case "jobAnnotations":
      return { ...job.annotations, ...jobHookAnnotations(hook) };
    case "prerequisiteAnnotations":
      return prerequisiteAnnotations(hook);
    case "serviceAccountAnnotations":
      return { ...serviceAccount.annotations, ...prerequisiteAnnotations(hook) };
    default:
      return undefined;
  }
}
