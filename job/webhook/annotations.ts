import { admissionPolicies, failureActions } from "../config/webhook-words.ts";
import { PromoterError } from "../error.ts";
import type { AnnotatedTreatment } from "./rules.ts";

/** Annotations of pods, workloads and namespaces by which their images are treated. */
export const policyAnnotation = "image-promoter.dev/policy";
export const pinAnnotation = "image-promoter.dev/pin";
export const failureAnnotation = "image-promoter.dev/on-failure";

/**
 * What annotations say of how images are to be treated.
 *
 * @throws {PromoterError} `InvalidInput` for a word that there is not: guessing could admit what was to be refused.
 */
export function treatmentIn(annotations: Readonly<Record<string, string>>): AnnotatedTreatment {
  const policy = wordOf(policyAnnotation, admissionPolicies, annotations);
  const pin = wordOf(pinAnnotation, ["true", "false"] as const, annotations);
  const onFailure = wordOf(failureAnnotation, failureActions, annotations);
  return {
    ...(policy !== undefined && { policy }),
    ...(pin !== undefined && { pin: pin === "true" }),
    ...(onFailure !== undefined && { onFailure }),
  };
}

function wordOf<const T extends string>(
  name: string,
  words: readonly T[],
  annotations: Readonly<Record<string, string>>,
): T | undefined {
  const written = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
  if (written === undefined) return undefined;
  const word = words.find((candidate) => candidate === written.trim());
  if (word !== undefined) return word;
  throw new PromoterError(
    "InvalidInput",
    `The annotation ${name} says ${JSON.stringify(written.slice(0, 60))}, which is no choice`,
    { hint: `Write one of ${words.join(", ")}` },
  );
}
