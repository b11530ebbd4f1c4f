import * as z from "zod";
import { documented } from "./documented.ts";

const texts = z.record(z.string(), z.string());

const hook = z
  .strictObject({
    engine: documented(
      z.enum(["argocd", "helm", "none"]),
      "argocd",
      "Whose hook the Job is: argocd; helm for pre-install and pre-upgrade; none for an ordinary Job",
    ),
    phase: documented(
      z.enum(["PreSync", "Sync"]),
      "PreSync",
      "Argo CD only. PreSync: the service account is a hook as well, made anew in each sync. Sync: it is an ordinary object, and the Job runs in a wave before that of the workloads",
    ),
    wave: documented(
      z.int(),
      -10,
      "Sync wave or hook weight of the Job, before that of migrations that run a promoted image; what it needs comes one earlier",
    ),
    deleteSucceeded: documented(
      z.boolean(),
      true,
      "Whether a Job that succeeded is deleted when the sync has ended well; one of the same name always is before the next",
    ),
  })
  .describe("How the Job runs before the workloads");

const job = z
  .strictObject({
    backoffLimit: documented(
      z.int().min(0),
      2,
      "How often a failed pod is replaced; a sync retries on top of it",
    ),
    activeDeadlineSeconds: documented(
      z.int().min(1),
      1800,
      "Seconds after which the Job fails. Always set: the pod of a hook that cannot start would hold up the sync for ever",
    ),
    podFailurePolicy: documented(
      z.strictObject({ rules: z.array(z.record(z.string(), z.unknown())) }).optional(),
      {
        rules: [
          {
            action: "FailJob",
            onExitCodes: { containerName: "promoter", operator: "In", values: [2, 4] },
          },
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        ],
      },
      "Fails the Job at once where trying again cannot help (exit codes 2 and 4), and does not count evictions",
    ),
    annotations: documented(texts, {}, "Annotations of the Job"),
    labels: documented(texts, {}, "Labels of the Job"),
  })
  .describe("The Job");

const cronJob = z
  .strictObject({
    enabled: documented(
      z.boolean(),
      true,
      "Whether there is a CronJob to run the same pod by hand: kubectl create job rerun --from=cronjob/NAME",
    ),
    schedule: documented(
      z.string().min(1),
      "0 0 31 2 *",
      "When it runs unless it is suspended; the default never comes",
    ),
    suspend: documented(
      z.boolean(),
      true,
      "Whether it runs by hand only; false brings back what a lifecycle policy deleted",
    ),
  })
  .describe("Reruns");

/** What runs, and when. */
export const workloadValues = { hook, job, cronJob };
