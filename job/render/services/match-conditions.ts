import type { ChartValues } from "../chart-values.ts";
import type { Fields } from "../fields.ts";
import { routedPrefixes } from "./routed-prefixes.ts";

/** A condition in CEL without which the API server does not call a webhook. */
export interface MatchCondition extends Fields {
  readonly name: string;
  readonly expression: string;
}

/** Where a kind has the spec of its pods. */
export const podSpecs = {
  pods: "spec",
  workloads: "spec.?template.?spec",
  cronJobs: "spec.?jobTemplate.?spec.?template.?spec",
} as const;

/**
 * Conditions for the API server to ask about an object: that it names an image of ours, and that its pods have changed.
 *
 * {@link https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions}
 */
export function matchConditions(values: ChartValues, kind: keyof typeof podSpecs): readonly MatchCondition[] {
  const prefixes = routedPrefixes(values);
  const spec = podSpecs[kind];
  return [
    ...(kind === "pods" ? [notMirrored] : []),
    { name: "changed", expression: changed(spec) },
    ...(prefixes.length === 0 ? [] : [{ name: "routed-images", expression: routed(spec, prefixes) }]),
    ...values.serve.matchConditions,
  ];
}

/** Static pods of a kubelet, which nobody can change by the API. */
const notMirrored: MatchCondition = {
  name: "no-mirror-pods",
  expression: "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))",
};

function changed(spec: string): string {
  return `request.operation != 'UPDATE' || object.${spec} != oldObject.${spec}`;
}

function routed(spec: string, prefixes: readonly string[]): string {
  const list = (name: string) => `object.${spec}.?${name}.orValue([])`;
  const begins = (name: string) =>
    `[${prefixes.map((prefix) => `'${prefix}'`).join(", ")}].exists(p, ${name}.orValue('').startsWith(p))`;
  const containers = ["containers", "initContainers", "ephemeralContainers"].map(list).join(" + ");
  return [
    `(${containers}).exists(c, ${begins("c.?image")})`,
    `${list("volumes")}.exists(v, ${begins("v.?image.?reference")})`,
  ].join(" || ");
}
