import { findingFor, type HookFinding } from "./finding.ts";
import { lifetimeTraps } from "./lifetime-traps.ts";
import { type ManifestObject, readObjects } from "./manifest-object.ts";
import { orderTraps, sameNamespace } from "./order-traps.ts";
import { type IsRouted, promoterTraps } from "./promoter-traps.ts";

export interface HookCheckOptions {
  /** Tells which images have to be promoted: those that a route leads to. Without it, none. */
  readonly isRouted?: IsRouted;
}

/**
 * The traps of hooks that rendered manifests walk into, in the order in which the objects are written. Nothing but the
 * text is looked at: what is in the cluster already, or is created elsewhere, is taken to be there.
 *
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/}
 *
 * @throws {PromoterError} `InvalidInput` with `source:line:column` when the text is no YAML of Kubernetes objects.
 */
export function checkHooks(
  text: string,
  source: string,
  options: HookCheckOptions = {},
): readonly HookFinding[] {
  const objects = readObjects(text, source);
  return [
    ...objects.flatMap(lifetimeTraps),
    ...collisions(objects),
    ...orderTraps(objects),
    ...promoterTraps(objects, options.isRouted ?? (() => false)),
  ];
}

/** Hooks of one name: the second replaces the first, or is taken for it. */
function collisions(objects: readonly ManifestObject[]): HookFinding[] {
  const hooks = objects.filter(({ order }) => order.hook && order.phases.length > 0);
  return hooks.flatMap((hook, index) => {
    const first = hooks.slice(0, index).find((other) => collides(hook, other));
    if (first === undefined) return [];
    const generated = hook.name === undefined;
    return [
      findingFor(hook, {
        rule: "name-collision",
        status: "failed",
        message: generated
          ? `another hook of the same phase has this generateName (${first.place}): both get one name`
          : `another hook has this name (${first.place}): only one of the two will run`,
        hint: generated ? "Give the hooks names of their own" : "Rename one of them",
      }),
    ];
  });
}

function collides(one: ManifestObject, other: ManifestObject): boolean {
  if (one.kind !== other.kind || !sameNamespace(one.namespace, other.namespace)) return false;
  if (one.name !== undefined) return one.name === other.name;
  const shared = one.order.phases.some((phase) => other.order.phases.includes(phase));
  return shared && one.generateName !== undefined && one.generateName === other.generateName;
}
