import { parseAllDocuments } from "yaml";
import { endOfJob } from "./job.ts";
import type { Namespace } from "./namespace.ts";

/** As much of an object as its place in a sync depends on. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

const phases = ["PreSync", "Sync", "PostSync"] as const;

/** A hook's Job failed: the sync ends there. */
export class SyncFailed extends Error {}

/**
 * Applies manifests in the order of Argo CD's sync engine: by phase, in it by wave, and each wave only when the one
 * before is healthy; with the delete policies of hooks.
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/}
 * @throws {SyncFailed} when a hook's Job fails, with what its condition says.
 */
export async function sync(namespace: Namespace, manifests: string): Promise<void> {
  const objects = parseAllDocuments(manifests)
    .map((document): Manifest | null => document.toJS())
    .filter((object) => object !== null);
  for (const phase of phases) {
    const ofPhase = objects.filter((object) => phaseOf(object) === phase);
    const waves = [...new Set(ofPhase.map(waveOf))].sort((a, b) => a - b);
    for (const wave of waves) {
      await applyWave(
        namespace,
        ofPhase.filter((object) => waveOf(object) === wave),
      );
    }
  }
  // Those that succeeded go when the whole sync has ended well.
  const succeeded = objects.filter((object) => deletePolicies(object).includes("HookSucceeded"));
  await remove(namespace, succeeded);
}

async function applyWave(namespace: Namespace, objects: readonly Manifest[]): Promise<void> {
  await remove(
    namespace,
    objects.filter((object) => deletePolicies(object).includes("BeforeHookCreation")),
  );
  const list = { apiVersion: "v1", kind: "List", items: objects };
  await namespace.kubectl(["apply", "-f", "-"], { input: JSON.stringify(list) });
  await Promise.all(objects.map((object) => healthy(namespace, object)));
}

async function healthy(namespace: Namespace, object: Manifest): Promise<void> {
  const { name } = object.metadata;
  if (object.kind === "Deployment") {
    await namespace.kubectl(["rollout", "status", `deployment/${name}`, "--timeout=60s"]);
  } else if (object.kind === "Job") {
    const { condition } = await endOfJob(namespace, name);
    if (condition.type === "Failed") throw new SyncFailed(condition.message);
  }
}

async function remove(namespace: Namespace, objects: readonly Manifest[]): Promise<void> {
  if (objects.length === 0) return;
  const items = objects.map(({ apiVersion, kind, metadata: { name } }) => ({
    apiVersion,
    kind,
    metadata: { name },
  }));
  const list = { apiVersion: "v1", kind: "List", items };
  await namespace.kubectl(["delete", "--ignore-not-found", "--wait", "-f", "-"], {
    input: JSON.stringify(list),
  });
}

function isHook(object: Manifest): boolean {
  return annotation(object, "hook") !== undefined;
}

/** What is no hook is of the phase Sync, whatever its wave. */
function phaseOf(object: Manifest): string {
  return annotation(object, "hook") ?? "Sync";
}

function waveOf(object: Manifest): number {
  return Number(annotation(object, "sync-wave") ?? 0);
}

/** A hook without one has `BeforeHookCreation`. */
function deletePolicies(object: Manifest): readonly string[] {
  if (!isHook(object)) return [];
  return (annotation(object, "hook-delete-policy") ?? "BeforeHookCreation").split(",");
}

function annotation({ metadata }: Manifest, name: string): string | undefined {
  return metadata.annotations?.[`argocd.argoproj.io/${name}`];
}
