/** Phases of a sync in their order. */
export const phases = ["PreSync", "Sync", "PostSync"] as const;
export type Phase = (typeof phases)[number];

/** When an object is applied, and what becomes of it. */
export interface SyncOrder {
  /** Phases that it is applied in; none when a sync leaves it alone. */
  readonly phases: readonly Phase[];
  /** Objects of a lower wave are applied, and waited for, before. */
  readonly wave: number;
  /** Whether it is a hook: created anew, not compared and not pruned. */
  readonly hook: boolean;
  /** When a hook is deleted, with the default where nothing is said. */
  readonly deletePolicies: readonly DeletePolicy[];
}

const policies = ["BeforeHookCreation", "HookSucceeded", "HookFailed"] as const;
export type DeletePolicy = (typeof policies)[number];

const helmPhases: Readonly<Record<string, Phase>> = {
  "pre-install": "PreSync",
  "pre-upgrade": "PreSync",
  "post-install": "PostSync",
  "post-upgrade": "PostSync",
};

const helmPolicies: Readonly<Record<string, DeletePolicy>> = {
  "before-hook-creation": "BeforeHookCreation",
  "hook-succeeded": "HookSucceeded",
  "hook-failed": "HookFailed",
};

export type Annotations = ReadonlyMap<string, string>;

/**
 * When Argo CD applies an object: its own annotations decide over Helm's, delete policies of both add up, and a hook
 * without any is deleted before it is created anew.
 *
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/}
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-hooks}
 */
export function syncOrderOf(annotations: Annotations): SyncOrder {
  const argo = wordsOf(annotations, argoHook);
  const helm = wordsOf(annotations, helmHook);
  const hook = argo.length > 0 || helm.length > 0;
  const named = argo.length > 0 ? argo : helm.map((word) => helmPhases[word] ?? "");
  return {
    phases: hook ? phases.filter((phase) => named.includes(phase)) : ["Sync"],
    wave: waveOf(annotations),
    hook,
    deletePolicies: deletePoliciesOf(annotations),
  };
}

/** Whether an object of `one` is there before an object of `other` is applied. Within a wave, kinds have an order of their own. */
export function isBefore(one: SyncOrder, other: SyncOrder): boolean {
  return one.phases.some((phase) =>
    other.phases.every((later) => {
      const distance = phases.indexOf(later) - phases.indexOf(phase);
      return distance > 0 || (distance === 0 && one.wave < other.wave);
    }),
  );
}

/** Whether both are applied in the same phase and wave. */
export function isBeside(one: SyncOrder, other: SyncOrder): boolean {
  return one.wave === other.wave && one.phases.some((phase) => other.phases.includes(phase));
}

/** `PreSync, wave -5`. */
export function describeOrder({ phases: named, wave }: SyncOrder): string {
  return `${named.join(" and ") || "no phase"}, wave ${wave}`;
}

export const argoHook = "argocd.argoproj.io/hook";
export const helmHook = "helm.sh/hook";
export const argoWave = "argocd.argoproj.io/sync-wave";
export const helmWeight = "helm.sh/hook-weight";
export const argoDeletePolicy = "argocd.argoproj.io/hook-delete-policy";
export const helmDeletePolicy = "helm.sh/hook-delete-policy";

/** What an annotation says about delete policies, in Argo CD's words. */
export function policiesIn(annotations: Annotations, name: string): readonly DeletePolicy[] {
  const words = wordsOf(annotations, name).map((word) => helmPolicies[word] ?? word);
  return policies.filter((policy) => words.includes(policy));
}

function deletePoliciesOf(annotations: Annotations): readonly DeletePolicy[] {
  const named = [argoDeletePolicy, helmDeletePolicy].flatMap((name) => policiesIn(annotations, name));
  return named.length === 0 ? ["BeforeHookCreation"] : policies.filter((policy) => named.includes(policy));
}

function waveOf(annotations: Annotations): number {
  for (const name of [argoWave, helmWeight]) {
    const text = annotations.get(name) ?? "";
    if (/^[+-]?\d+$/.test(text)) return Number(text);
  }
  return 0;
}

function wordsOf(annotations: Annotations, name: string): string[] {
  return (annotations.get(name) ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}
