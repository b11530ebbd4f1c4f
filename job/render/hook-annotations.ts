import type { ChartValues } from "./chart-values.ts";

type Annotations = Readonly<Record<string, string>>;
type Hook = ChartValues["hook"];

/** The annotations that make a Job run before the workloads. They win over annotations that users give. */
export function jobHookAnnotations(hook: Hook): Annotations {
  switch (hook.engine) {
    case "argocd":
      return {
        "argocd.argoproj.io/hook": hook.phase,
        "argocd.argoproj.io/hook-delete-policy": [
          "BeforeHookCreation",
          ...(hook.deleteSucceeded ? ["HookSucceeded"] : []),
        ].join(","),
        "argocd.argoproj.io/sync-wave": String(hook.wave),
      };
    case "helm":
      return {
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-delete-policy": [
          "before-hook-creation",
          ...(hook.deleteSucceeded ? ["hook-succeeded"] : []),
        ].join(","),
        "helm.sh/hook-output-log-policy": "hook-succeeded,hook-failed",
        "helm.sh/hook-weight": String(hook.wave),
      };
    case "none":
      return {};
  }
}

/**
 * The annotations of what the Job needs: one wave earlier, because tokens for AWS are given out to accounts that were
 * there before the pod. Hooks of the same phase as the Job, but ordinary objects in the phase Sync.
 */
export function prerequisiteAnnotations(hook: Hook): Annotations {
  const wave = String(hook.wave - 1);
  switch (hook.engine) {
    case "argocd":
      return {
        ...(hook.phase === "PreSync" && {
          "argocd.argoproj.io/hook": "PreSync",
          "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        }),
        "argocd.argoproj.io/sync-wave": wave,
      };
    case "helm":
      return {
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation",
        "helm.sh/hook-weight": wave,
      };
    case "none":
      return {};
  }
}
