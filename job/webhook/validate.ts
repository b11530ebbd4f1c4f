import { formatReference } from "../oci/reference.ts";
import type { ReportedError } from "../promotion/report.ts";
import type { Judge, Judgement } from "./admission.ts";
import type { Ensured, OnDemand } from "./on-demand.ts";
import type { OurImage } from "./our-images.ts";
import type { Verdict } from "./verdict.ts";

/** How images are judged that have to have been promoted before: nothing is promoted, and nothing changed. */
export function judgeOfPromoted(onDemand: Pick<OnDemand, "look">): Judge {
  return async (image, about) => {
    if (image.namedBy === "nothing") {
      return refused(image, `${image.image} was not promoted: no route leads to it`);
    }
    if (image.namedBy === "source") {
      const meant = formatReference(image.destination);
      return refused(image, `${image.image} is named by its source; what runs here is ${meant}`);
    }
    return verify(image, about, onDemand);
  };
}

/**
 * How images are judged after everybody has had their say about an object: only what must not run without having been
 * promoted is looked at.
 */
export function judgeAtLast(onDemand: Pick<OnDemand, "look">): Judge {
  const verify = judgeOfPromoted(onDemand);
  return async (image, about) => {
    const { policy, onFailure } = about.treatment;
    if (policy === "verify-only") return verify(image, about);
    const isDue = onFailure === "deny" && (policy === "wait" || policy === "rewrite");
    // Around pods nothing is rewritten, so that a source's name is right there.
    const isOurs =
      image.namedBy === "destination" ||
      (image.namedBy === "source" && policy === "rewrite" && about.request.kind === "Pod");
    // What a dry run would have brought is still missing.
    return isDue && isOurs && !about.request.dryRun
      ? verify(image, about)
      : { image: image.image, outcome: "left" };
  };
}

async function verify(image: OurImage, about: Judgement, onDemand: Pick<OnDemand, "look">): Promise<Verdict> {
  const { origin, signal, treatment } = about;
  let ensured: Ensured;
  try {
    ensured = await onDemand.look(image.destination, { origin, signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    const told = `Nobody could say in time whether ${image.image} was promoted`;
    return treatment.onFailure === "deny"
      ? { ...refused(image, told), temporary: true }
      : { image: image.image, outcome: "missing", warning: told };
  }
  if (ensured.status === "unrouted") return unrouted(image);
  if (ensured.status !== "failed") return { image: image.image, outcome: "present" };
  const { error } = ensured;
  // That it is missing is an answer; that nobody could say is a failure.
  if (error.code === "ManifestUnknown" || treatment.onFailure === "deny") {
    return { ...refused(image, notPromoted(image, error)), temporary: error.temporary };
  }
  return { image: image.image, outcome: "missing", warning: reason(image, error) };
}

/** Nothing is known of it, and nothing is to be done. */
export function unrouted({ image }: OurImage): Verdict {
  return { image, outcome: "left" };
}

function refused({ image }: OurImage, refusal: string): Verdict {
  return { image, outcome: "refused", refusal };
}

/** Why an image is not there. */
export function reason({ destination }: OurImage, { message }: ReportedError): string {
  return `${formatReference(destination)}: ${message}`;
}

/** Why an image is not there, and what to do about it. */
export function notPromoted(image: OurImage, error: ReportedError): string {
  return `${reason(image, error)}${error.hint === undefined ? "" : `. ${error.hint}`}`;
}
