import type { ManifestObject } from "./manifest-object.ts";

/** One trap that manifests walk into when Argo CD or Helm applies them. */
export interface HookFinding {
  readonly rule: HookRule;
  /** `failed`: a sync or the promotion goes wrong. `warning`: it may. */
  readonly status: "warning" | "failed";
  /** `Job prod/promote`. */
  readonly object: string;
  /** `release.yaml:12:1`. */
  readonly place: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** The traps, each named for what is wrong. */
export type HookRule =
  | "comes-later"
  | "rights-come-later"
  | "account-is-replaced"
  | "no-deadline"
  | "failed-job-stays"
  | "short-ttl"
  | "name-too-long"
  | "name-collision"
  | "generated-name"
  | "mixed-annotations"
  | "retries-in-vain"
  | "restart-policy"
  | "images-not-promoted"
  | "images-not-used"
  | "promoted-too-late";

export interface Trap {
  readonly rule: HookRule;
  readonly status: HookFinding["status"];
  readonly message: string;
  readonly hint: string;
}

export function findingFor({ description, place }: ManifestObject, trap: Trap): HookFinding {
  return { ...trap, object: description, place };
}
