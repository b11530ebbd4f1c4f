import { formatReference } from "../oci/reference.ts";
import type { ReportedError } from "../promotion/report.ts";
import type { Judge, Judgement } from "./admission.ts";
import type { Background } from "./background.ts";
import { jsonPointer, type PatchOperation } from "./json-patch.ts";
import type { Ensured, OnDemand } from "./on-demand.ts";
import type { OurImage } from "./our-images.ts";
import { judgeOfPromoted, notPromoted, reason, unrouted } from "./validate.ts";
import type { Verdict } from "./verdict.ts";

export interface MutatingOptions {
  readonly onDemand: OnDemand;
  readonly background: Background;
}

/** How images are judged that may be promoted on demand, and renamed in their object. */
export function judgeOnDemand(options: MutatingOptions): Judge {
  const verify = judgeOfPromoted(options.onDemand);
  return async (image, about) => {
    const { policy } = about.treatment;
    if (policy === "off") return { image: image.image, outcome: "left" };
    if (policy === "verify-only") return verify(image, about);
    if (image.namedBy === "nothing") return unrouted(image);
    if (policy !== "rewrite" && image.namedBy === "source") return namedBySource(image);
    if (policy === "background") return promoteMeanwhile(image, about, options);
    return promoteNow(image, about, options);
  };
}

function namedBySource({ image, destination }: OurImage): Verdict {
  const warning = `${image} is named by its source; what runs here should be ${formatReference(destination)}`;
  return { image, outcome: "left", warning };
}

/** Nobody waits: the kubelet asks again until the image is there. */
function promoteMeanwhile(image: OurImage, about: Judgement, options: MutatingOptions): Verdict {
  if (options.onDemand.isKnown(image.destination)) return { image: image.image, outcome: "present" };
  if (about.request.dryRun) return { image: image.image, outcome: "would-promote" };
  return leftToBackground(image, about, options);
}

function leftToBackground(
  { image, destination }: OurImage,
  { origin }: Judgement,
  { background }: MutatingOptions,
): Verdict {
  if (background.add(destination, origin)) return { image, outcome: "under-way" };
  return {
    image,
    outcome: "missing",
    warning: `${image} is not promoted: too many images wait for it already`,
  };
}

async function promoteNow(image: OurImage, about: Judgement, options: MutatingOptions): Promise<Verdict> {
  const { request, origin, signal } = about;
  const { onDemand } = options;
  const asking = request.dryRun ? onDemand.look : onDemand.ensure;
  let ensured: Ensured;
  try {
    ensured = await asking.call(onDemand, image.destination, { origin, signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    return overdue(image, about, options);
  }
  if (ensured.status === "unrouted") return unrouted(image);
  if (ensured.status !== "failed") {
    const patch = rewriting(image, about, ensured.digest);
    return { image: image.image, outcome: ensured.status, ...(patch && { patch }) };
  }
  if (request.dryRun && ensured.error.code === "ManifestUnknown") return wouldPromote(image, about);
  return failed(image, about, ensured.error, options);
}

function wouldPromote(image: OurImage, about: Judgement): Verdict {
  const patch = rewriting(image, about);
  const warning = `${formatReference(image.destination)} is missing, and would be promoted`;
  return { image: image.image, outcome: "would-promote", warning, ...(patch && { patch }) };
}

/** The promotion goes on, whoever is told what. */
function overdue(image: OurImage, about: Judgement, options: MutatingOptions): Verdict {
  const name = formatReference(image.destination);
  const { treatment, request } = about;
  if (request.dryRun) return wouldPromote(image, about);
  const left = leftToBackground(image, about, options);
  if (treatment.onFailure === "deny") {
    return {
      ...left,
      outcome: "refused",
      temporary: true,
      refusal: `${name} is still being promoted; try again in a while`,
    };
  }
  const patch = rewriting(image, about);
  const warning = left.warning ?? `${name} is still being promoted; it can be pulled when that is done`;
  return { ...left, warning, ...(patch && { patch }) };
}

function failed(image: OurImage, about: Judgement, error: ReportedError, options: MutatingOptions): Verdict {
  const { treatment, request } = about;
  const told = notPromoted(image, error);
  if (treatment.onFailure === "deny") {
    return { image: image.image, outcome: "refused", refusal: told, temporary: error.temporary };
  }
  // Where it may pass, the kubelet's later attempts shall find the image.
  if (error.temporary && !request.dryRun) options.background.add(image.destination, about.origin);
  return { image: image.image, outcome: "missing", warning: reason(image, error) };
}

/**
 * Names an image in its pod by its destination. Objects around pods stay as they are written: whoever keeps them in git
 * would find them changed.
 */
function rewriting(
  { namedBy, paths, destination }: OurImage,
  { treatment, request }: Judgement,
  digest?: string,
): readonly PatchOperation[] | undefined {
  if (treatment.policy !== "rewrite" || request.kind !== "Pod") return undefined;
  const name = formatReference(destination);
  const isPinned = destination.digest !== undefined || !treatment.pin || digest === undefined;
  // What is named by its destination already, however shortly, is only ever pinned.
  if (namedBy === "destination" && isPinned) return undefined;
  const value = isPinned ? name : `${name}@${digest}`;
  return paths.map((path) => ({ op: "replace", path: jsonPointer(path), value }));
}
