import type { AdmissionPolicy, FailureAction } from "../config/webhook-words.ts";
import type { Reference } from "../oci/reference.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import { repositoryOf } from "../promotion/route.ts";
import { type LabelSelector, selects } from "./label-selector.ts";

/** What is done about an image. */
export interface Treatment {
  readonly policy: AdmissionPolicy;
  /** Whether `rewrite` adds the digest. */
  readonly pin: boolean;
  readonly onFailure: FailureAction;
}

export interface AdmissionRule {
  readonly name: string;
  readonly policy: AdmissionPolicy;
  readonly pin?: boolean | undefined;
  readonly onFailure?: FailureAction | undefined;
  /** Patterns of namespaces; all when absent. */
  readonly namespaces?: readonly string[] | undefined;
  readonly selector?: LabelSelector | undefined;
  /** Patterns of images by their destination, without tag; all when absent. */
  readonly images?: readonly string[] | undefined;
  /** Whether annotations may not say otherwise. */
  readonly final?: boolean | undefined;
}

export interface AdmissionRules extends Treatment {
  readonly rules: readonly AdmissionRule[];
  /** Whose annotations are heeded. */
  readonly annotations: "all" | "namespaces" | "none";
}

/** What an image is judged by. */
export interface ImagePlace {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** By its destination. */
  readonly image: Reference;
  /** What annotations of the namespace and of the object say, as far as they are heeded. */
  readonly annotated: AnnotatedTreatment;
}

export type AnnotatedTreatment = Partial<Treatment>;

/** The first rule that fits decides, then what holds for all. What is annotated goes before, unless the rule is final. */
export function ruledTreatment(
  place: Omit<ImagePlace, "annotated">,
  rules: AdmissionRules,
): { readonly treatment: Treatment; readonly isFinal: boolean } {
  const rule = rules.rules.find((candidate) => fits(candidate, place));
  const { policy, pin = rules.pin, onFailure = rules.onFailure } = rule ?? rules;
  return { treatment: { policy, pin, onFailure }, isFinal: rule?.final === true };
}

/** By the rules, and by what is annotated. */
export function treatmentOf(place: ImagePlace, rules: AdmissionRules): Treatment {
  const { treatment, isFinal } = ruledTreatment(place, rules);
  return isFinal ? treatment : { ...treatment, ...place.annotated };
}

function fits(
  { namespaces, selector, images }: AdmissionRule,
  place: Omit<ImagePlace, "annotated">,
): boolean {
  const matches = (patterns: readonly string[] | undefined, name: string) =>
    patterns?.some((pattern) => matchesWildcard(pattern, name)) ?? true;
  return (
    matches(namespaces, place.namespace) &&
    matches(images, repositoryOf(place.image)) &&
    (selector === undefined || selects(selector, place.labels))
  );
}
