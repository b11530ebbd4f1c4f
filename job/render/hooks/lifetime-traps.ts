import { findingFor, type HookFinding, type Trap } from "./finding.ts";
import type { ManifestObject } from "./manifest-object.ts";
import { fieldOf } from "./plain-value.ts";
import {
  argoDeletePolicy,
  argoHook,
  argoWave,
  describeOrder,
  helmDeletePolicy,
  helmHook,
  helmWeight,
  policiesIn,
  syncOrderOf,
} from "./sync-order.ts";

/** The label that a Job puts its name into holds no more. */
const longestName = 63;
/** A CronJob's Jobs have eleven characters more. */
const longestCronJobName = 52;
/** Argo CD puts revision, phase and time behind a prefix: `-1234567-presync-1700000000`, 26 characters at most. */
const longestPrefix = 37;
/** Seconds: below it a Job may be gone before Argo CD has seen how it ended. */
const shortTtl = 600;

/** What is wrong with how long one hook lives, and with what it is called. */
export function lifetimeTraps(object: ManifestObject): HookFinding[] {
  const traps = [nameTrap(object)];
  if (object.order.hook) traps.push(mixedTrap(object));
  if (object.order.hook && object.order.phases.length > 0) {
    traps.push(deadlineTrap(object), policyTrap(object), ttlTrap(object), generatedNameTrap(object));
  }
  return traps.flatMap((trap) => (trap === undefined ? [] : [findingFor(object, trap)]));
}

function deadlineTrap({ kind, value }: ManifestObject): Trap | undefined {
  if (kind !== "Job" && kind !== "Pod") return undefined;
  if (typeof fieldOf(value, "spec", "activeDeadlineSeconds") === "number") return undefined;
  return {
    rule: "no-deadline",
    status: "warning",
    message: "the hook has no activeDeadlineSeconds: a pod that cannot start holds up the sync for ever",
    hint: "Set spec.activeDeadlineSeconds, for example 1800",
  };
}

function policyTrap({ kind, order: { deletePolicies } }: ManifestObject): Trap | undefined {
  if (kind !== "Job" && kind !== "Pod") return undefined;
  // Any other policy takes the failed one away, at once or before the next attempt.
  if (deletePolicies.some((policy) => policy !== "HookSucceeded")) return undefined;
  return {
    rule: "failed-job-stays",
    status: "failed",
    message:
      "HookSucceeded alone leaves a failed hook in place, and the next attempt fails on it without running",
    hint: `Add BeforeHookCreation: ${argoDeletePolicy}: BeforeHookCreation,HookSucceeded`,
  };
}

function ttlTrap({ kind, value }: ManifestObject): Trap | undefined {
  const ttl = fieldOf(value, "spec", "ttlSecondsAfterFinished");
  if (kind !== "Job" || typeof ttl !== "number" || ttl >= shortTtl) return undefined;
  return {
    rule: "short-ttl",
    status: "warning",
    message: `the hook is deleted ${ttl} s after it ends, perhaps before Argo CD has seen how, and the sync hangs or fails`,
    hint: "Leave ttlSecondsAfterFinished out of hooks: their delete policies clean up",
  };
}

function generatedNameTrap({ kind, name, generateName, order }: ManifestObject): Trap | undefined {
  if (kind !== "Job" || name !== undefined || generateName === undefined) return undefined;
  if (order.deletePolicies.includes("HookSucceeded") && order.deletePolicies.includes("HookFailed"))
    return undefined;
  return {
    rule: "generated-name",
    status: "warning",
    message:
      "with generateName, BeforeHookCreation finds nothing to delete: Jobs pile up; and kustomize refuses it",
    hint: "Give the hook a name, and BeforeHookCreation among its delete policies",
  };
}

function nameTrap({ kind, name, generateName, order }: ManifestObject): Trap | undefined {
  const longest = { Job: longestName, CronJob: longestCronJobName }[kind];
  if (longest === undefined) return undefined;
  if (name !== undefined && name.length > longest)
    return tooLong(`its name has ${name.length} characters`, longest);
  if (name === undefined && order.hook && (generateName?.length ?? 0) > longestPrefix) {
    return tooLong(`its generateName has ${generateName?.length} characters`, longestPrefix);
  }
  return undefined;
}

function tooLong(what: string, longest: number): Trap {
  return {
    rule: "name-too-long",
    status: "failed",
    message: `${what}, and ${longest} are the most: its pods are refused`,
    hint: "Shorten the name, the release or namePrefix; keep a hash at its end where names could become the same",
  };
}

function mixedTrap({ annotations }: ManifestObject): Trap | undefined {
  if (!annotations.has(argoHook) || !annotations.has(helmHook)) return undefined;
  const argoOnly = new Map([...annotations].filter(([name]) => !name.startsWith("helm.sh/")));
  const helmOnly = new Map([...annotations].filter(([name]) => name.startsWith("helm.sh/")));
  const [argo, helm] = [syncOrderOf(argoOnly), syncOrderOf(helmOnly)];
  const differ = [
    ...(argo.phases.join() === helm.phases.join() ? [] : ["phases"]),
    ...(annotations.has(argoWave) && annotations.has(helmWeight) && argo.wave !== helm.wave ? ["waves"] : []),
    ...(policiesIn(annotations, argoDeletePolicy).join() === policiesIn(annotations, helmDeletePolicy).join()
      ? []
      : ["delete policies"]),
  ];
  if (differ.length === 0) return undefined;
  return {
    rule: "mixed-annotations",
    status: "warning",
    message: `annotations of Argo CD and of Helm name different ${differ.join(", ")}: Argo CD takes its own phase and wave (${describeOrder(argo)}), and the delete policies of both`,
    hint: "Keep the annotations of one of the two",
  };
}
