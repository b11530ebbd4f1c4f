import { parseAllDocuments } from "yaml";
import { phases, type SyncOrder, syncOrderOf } from "../../job/render/hooks/sync-order.ts";
import type { ManifestObject } from "../chart/helm.ts";
import { endOfJob } from "./job.ts";
import type { Namespace } from "./namespace.ts";

/** A hook's Job failed: the sync ends there. */
export class SyncFailed extends Error {}

interface Task {
  readonly object: ManifestObject;
  readonly order: SyncOrder;
}

/**
 * Applies manifests in the order of Argo CD's sync engine: by phase, in it by wave, and each wave only when the one
 * before is healthy; with the delete policies of hooks.
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/}
 * @throws {SyncFailed} when a hook's Job fails, with what its condition says.
 */
export async function sync(namespace: Namespace, manifests: string): Promise<void> {
  const tasks = parseAllDocuments(manifests)
    .map((document): ManifestObject | null => document.toJS())
    .filter((object) => object !== null)
    .map((object) => ({ object, order: orderOf(object) }));
  for (const phase of phases) {
    const ofPhase = tasks.filter(({ order }) => order.phases.includes(phase));
    for (const wave of wavesOf(ofPhase)) {
      await applyWave(
        namespace,
        ofPhase.filter(({ order }) => order.wave === wave),
      );
    }
  }
  // Hooks that succeeded go when the whole sync has ended well.
  await remove(
    namespace,
    tasks.filter(({ order }) => order.hook && order.deletePolicies.includes("HookSucceeded")),
  );
}

function orderOf({ metadata }: ManifestObject): SyncOrder {
  return syncOrderOf(new Map(Object.entries(metadata.annotations ?? {})));
}

function wavesOf(tasks: readonly Task[]): readonly number[] {
  return [...new Set(tasks.map(({ order }) => order.wave))].sort((a, b) => a - b);
}

async function applyWave(namespace: Namespace, tasks: readonly Task[]): Promise<void> {
  await remove(
    namespace,
    tasks.filter(({ order }) => order.hook && order.deletePolicies.includes("BeforeHookCreation")),
  );
  await namespace.kubectl(["apply", "-f", "-"], { input: listOf(tasks.map(({ object }) => object)) });
  await Promise.all(tasks.map(({ object }) => healthy(namespace, object)));
}

async function healthy(namespace: Namespace, { kind, metadata: { name } }: ManifestObject): Promise<void> {
  if (kind === "Deployment") {
    await namespace.kubectl(["rollout", "status", `deployment/${name}`, "--timeout=60s"]);
  } else if (kind === "Job") {
    const { condition } = await endOfJob(namespace, name);
    if (condition.type === "Failed") throw new SyncFailed(condition.message);
  }
}

async function remove(namespace: Namespace, tasks: readonly Task[]): Promise<void> {
  if (tasks.length === 0) return;
  const objects = tasks.map(({ object: { apiVersion, kind, metadata } }) => ({
    apiVersion,
    kind,
    metadata: { name: metadata.name },
  }));
  await namespace.kubectl(["delete", "--ignore-not-found", "-f", "-"], { input: listOf(objects) });
}

function listOf(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
