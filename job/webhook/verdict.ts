import type { PatchOperation } from "./json-patch.ts";

/** What came of an image, in one word. */
export type ImageOutcome =
  /** It was known to be there, or was found there. */
  | "present"
  /** It was promoted while its pod waited. */
  | "promoted"
  /** It is being promoted, and its pod need not wait or did not want to. */
  | "under-way"
  /** It would be promoted if this were more than a dry run. */
  | "would-promote"
  /** It is not ours to promote as it is named, or is to be left alone. */
  | "left"
  /** It is missing, and that is no reason to refuse its pod. */
  | "missing"
  /** It is missing, and its pod is refused. */
  | "refused";

/** What is said about one image of an object. */
export interface Verdict {
  /** As it is written. */
  readonly image: string;
  readonly outcome: ImageOutcome;
  readonly patch?: readonly PatchOperation[];
  readonly warning?: string;
  /** Why its object is refused; absent when it is not. */
  readonly refusal?: string;
  /** Whether trying again later may help. */
  readonly temporary?: boolean;
}
