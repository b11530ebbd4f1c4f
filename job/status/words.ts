import { formatCount } from "../report/quantity.ts";
import { shortDigest } from "../report/short-name.ts";
import type { Behind, Drift, EnvironmentStatus, ImagePromotion, ImageState } from "./environment-status.ts";

/** What a drift is called. */
export const driftWords: Readonly<Record<Drift, string>> = {
  "cannot-pull": "cannot be pulled",
  "not-promoted": "not promoted",
  "other-registry": "from another environment",
  "not-deployed": "not deployed",
  "not-in-manifests": "not in the manifests",
  "tag-moved": "tag has moved",
};

/** What each drift means, as a sentence without its period. */
export const driftMeanings: Readonly<Record<Drift, string>> = {
  "cannot-pull": "Nodes cannot pull the image",
  "not-promoted": "The environment's registry does not have the image",
  "other-registry": "The image is in another environment's registry",
  "not-deployed": "Manifests name the image, and no workload uses it",
  "not-in-manifests": "Workloads use the image, and no manifest names it",
  "tag-moved": "Pods run what the tag stood for before",
};

/** The sign of how a module stands to where it is promoted from. */
export const orderSigns: Readonly<Record<Behind["order"], string>> = { older: "↓", newer: "↑", other: "≠" };

/** `1.4.2`, or the beginning of the digest where there is no tag. */
export function versionOf({ tag, digest }: Pick<ImageState, "tag" | "digest">): string {
  return tag ?? (digest === undefined ? "?" : shortDigest(digest));
}

/** `older than staging (1.5.0)` */
export function behindWords({ environment, order, ...theirs }: Behind): string {
  const how = order === "other" ? "other than" : `${order} than`;
  return `${how} ${environment} (${versionOf(theirs)})`;
}

/** `2026-11-21 14:33 UTC` */
export function formatTime(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** `promoted 2026-11-21 14:33 UTC by shop at 1f0c3b9` */
export function promotionWords({ at, standing, application, revision, by }: ImagePromotion): string {
  const what = standing === "pushed" ? "pushed" : "promoted";
  const who = application ?? by;
  return [
    `${what} ${formatTime(at)}`,
    ...(who === undefined ? [] : [`by ${who}`]),
    ...(revision === undefined ? [] : [`at ${shortRevision(revision)}`]),
  ].join(" ");
}

/** The first characters of a commit; whatever else a revision is stays whole. */
export function shortRevision(revision: string): string {
  return /^[0-9a-f]{40,64}$/.test(revision) ? revision.slice(0, 8) : revision;
}

/** `40 modules: 2 drift, 5 are behind` */
export function summaryWords({ summary: { modules, drifting, behind, unknown } }: EnvironmentStatus): string {
  const parts = [
    ...(drifting === 0 ? [] : [`${drifting} ${drifting === 1 ? "drifts" : "drift"}`]),
    ...(behind === 0 ? [] : [`${behind} ${behind === 1 ? "is" : "are"} behind`]),
    ...(unknown === 0 ? [] : [`${unknown} could not be asked about in full`]),
  ];
  return `${formatCount(modules, "module")}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
