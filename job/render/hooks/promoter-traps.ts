import { hasCode } from "../../error.ts";
import { formatReference, parseReference } from "../../oci/reference.ts";
import { findingFor, type HookFinding } from "./finding.ts";
import type { ManifestObject } from "./manifest-object.ts";
import { sameNamespace } from "./order-traps.ts";
import { fieldOf, listField, textField } from "./plain-value.ts";
import { podSpecOf } from "./pod-needs.ts";
import { type PromoterJob, promoterJobOf, runsPromotion } from "./promoter-job.ts";
import { describeOrder, isBefore } from "./sync-order.ts";

/** Whether a route leads to an image, by its canonical reference. */
export type IsRouted = (image: string) => boolean;

/** What is wrong with the promotion's own Jobs: their images, their place in the order, their failures. */
export function promoterTraps(objects: readonly ManifestObject[], isRouted: IsRouted): HookFinding[] {
  const jobs = objects.flatMap((object) => promoterJobOf(object) ?? []);
  if (jobs.length === 0) return [];
  const users = objects.flatMap((object) => usersOf(object, isRouted));
  return [
    ...jobs.flatMap(({ job }) => failureTraps(job)),
    ...jobs.flatMap((promoter) => lateTraps(promoter, users)),
    ...uncovered(jobs, users),
    ...jobs.flatMap((promoter) => unused(promoter, users)),
  ];
}

/** An object whose pods run images that have to be promoted. */
interface User {
  readonly object: ManifestObject;
  readonly images: readonly string[];
}

function usersOf(object: ManifestObject, isRouted: IsRouted): User[] {
  if (object.order.phases.length === 0 || runsPromotion(object)) return [];
  const images = [...new Set(object.images.flatMap(({ image }) => canonical(image)))].filter(isRouted);
  return images.length === 0 ? [] : [{ object, images }];
}

function failureTraps(job: ManifestObject): HookFinding[] {
  const policy = fieldOf(job.value, "spec", "podFailurePolicy");
  const restartPolicy = textField(podSpecOf(job), "restartPolicy");
  if (policy !== undefined && restartPolicy !== "Never") {
    return [
      findingFor(job, {
        rule: "restart-policy",
        status: "failed",
        message: `a podFailurePolicy needs restartPolicy Never, and this is ${restartPolicy ?? "unset"}: the API server refuses the Job`,
        hint: "Set restartPolicy: Never in its pod template",
      }),
    ];
  }
  if (listField(policy, "rules").some(failsAtOnce)) return [];
  return [
    findingFor(job, {
      rule: "retries-in-vain",
      status: "warning",
      message:
        "no podFailurePolicy fails the Job at once on exit codes 2 and 4, where trying again cannot help",
      hint: "Add podFailurePolicy.rules: {action: FailJob, onExitCodes: {operator: In, values: [2, 4]}}",
    }),
  ];
}

function failsAtOnce(rule: unknown): boolean {
  const values = listField(rule, "onExitCodes", "values");
  return fieldOf(rule, "action") === "FailJob" && [2, 4].every((code) => values.includes(code));
}

function lateTraps({ job, images }: PromoterJob, users: readonly User[]): HookFinding[] {
  const early = users.find(
    (user) =>
      sameNamespace(user.object.namespace, job.namespace) &&
      (images === undefined || user.images.some((image) => images.includes(image))) &&
      !isBefore(job.order, user.object.order),
  );
  if (early === undefined) return [];
  const { object } = early;
  return [
    findingFor(job, {
      rule: "promoted-too-late",
      status: "failed",
      message: `it runs in ${describeOrder(job.order)}, and ${object.description} (${object.place}), whose image it promotes, in ${describeOrder(object.order)}: its pods start without the image`,
      hint: "Make the Job a PreSync hook, in a lower wave than other hooks with promoted images",
    }),
  ];
}

/** Images that pods run and no Job promotes: mostly because a replacement read an image before the overlay changed it. */
function uncovered(jobs: readonly PromoterJob[], users: readonly User[]): HookFinding[] {
  const [first] = jobs;
  const listed = jobs.map(({ images }) => images);
  // A list that cannot be seen may hold any image.
  if (first === undefined || listed.includes(undefined)) return [];
  const promoted = [...new Set(listed.flatMap((images) => images ?? []))];
  const idle = idleImages(promoted, users);
  return users.flatMap(({ object, images }) => {
    const absent = images.filter((image) => !promoted.includes(image));
    if (absent.length === 0) return [];
    const stale = promoted.find((image) =>
      absent.some(
        (one) => sameRepository(one, image) || (idle.includes(image) && sameApplication(one, image)),
      ),
    );
    const instead = stale === undefined ? "" : `, only ${stale}`;
    return [
      findingFor(first.job, {
        rule: "images-not-promoted",
        status: "failed",
        message: `it does not promote ${absent.join(", ")}${instead}, which ${object.description} (${object.place}) runs`,
        hint: coveringHint(promoted, stale),
      }),
    ];
  });
}

function coveringHint(promoted: readonly string[], stale: string | undefined): string {
  if (stale !== undefined) {
    return "Read the image after it is changed: replacements belong into the overlay whose images: and patches change it, not into a Component or a base";
  }
  if (promoted.length > 0) return "Add the image to the Job: render it again from these manifests";
  return "Name the images in the Job; where kustomize puts them in, the overlay needs replacements: [{path: FOLDER/replacements.yaml}]";
}

function unused({ job, images = [] }: PromoterJob, users: readonly User[]): HookFinding[] {
  const idle = idleImages(images, users);
  if (idle.length === 0 || users.length === 0) return [];
  return [
    findingFor(job, {
      rule: "images-not-used",
      status: "warning",
      message: `it promotes ${idle.join(", ")}, which nothing in these manifests runs`,
      hint: "Take the image out of the Job, unless something outside of these manifests runs it",
    }),
  ];
}

/** What cannot be read is the image reader's to complain of. */
function canonical(image: string): string[] {
  try {
    return [formatReference(parseReference(image))];
  } catch (error) {
    if (hasCode(error, "InvalidReference")) return [];
    throw error;
  }
}

/** Those that no user runs. */
function idleImages(images: readonly string[], users: readonly User[]): readonly string[] {
  const used = new Set(users.flatMap((user) => user.images));
  return images.filter((image) => !used.has(image));
}

function sameRepository(one: string, other: string): boolean {
  const [a, b] = [parseReference(one), parseReference(other)];
  return a.host === b.host && a.repository === b.repository;
}

/** Bases often name an image without its registry: only the end of the name is the same. */
function sameApplication(one: string, other: string): boolean {
  const [a, b] = [one, other].map((image) => parseReference(image).repository.split("/").at(-1));
  return a === b;
}
