import { version } from "../version.ts";
import { applicationName } from "./names.ts";
import type { Release } from "./release.ts";

type Labels = Readonly<Record<string, string>>;

/** By which the objects of a release are found. They win over labels that users give. */
export function selectorLabels(release: Release): Labels {
  return {
    "app.kubernetes.io/name": applicationName(release),
    "app.kubernetes.io/instance": release.name,
  };
}

/**
 * Labels of the objects. Those that change with each version of the chart are not on pods: a Job of the same content
 * keeps its name.
 * {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/}
 */
export function objectLabels(release: Release, own: Labels = {}): Labels {
  return {
    ...release.values.commonLabels,
    ...own,
    ...selectorLabels(release),
    "app.kubernetes.io/version": version,
    "app.kubernetes.io/managed-by": "image-promoter",
  };
}

/** Labels of the pods. */
export function podLabels(release: Release): Labels {
  const { commonLabels, podLabels: own } = release.values;
  return { ...commonLabels, ...own, ...selectorLabels(release) };
}
