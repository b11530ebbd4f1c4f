import { withSignal } from "../async/with-signal.ts";
import { asPromoterError, PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import { treatmentIn } from "./annotations.ts";
import {
  type AdmissionRules,
  type AnnotatedTreatment,
  type ImagePlace,
  ruledTreatment,
  type Treatment,
  treatmentOf,
} from "./rules.ts";
import type { Workload } from "./workload-images.ts";

export interface AnnotationOptions {
  readonly rules: AdmissionRules;
  /** What a namespace's annotations say; absent where nobody asks for them. */
  readonly namespaceAnnotations?: (namespace: string) => Promise<Readonly<Record<string, string>>>;
  readonly log: Log;
  /** Ends the waiting for a namespace. */
  readonly signal?: AbortSignal;
}

/** What annotations say, as far as they are heeded and could be read. */
export interface Annotated {
  readonly said: AnnotatedTreatment;
  /** Why it is not known what the namespace says; undefined where it is. */
  readonly unread?: unknown;
}

/**
 * Reads the annotations of a namespace and of a workload in it.
 *
 * @throws {PromoterError} `InvalidInput` for what they may not say.
 */
export async function annotatedOf(
  { namespace }: { readonly namespace: string },
  { annotations }: Pick<Workload, "annotations">,
  { rules, namespaceAnnotations, log, signal }: AnnotationOptions,
): Promise<Annotated> {
  if (rules.annotations === "none") return { said: {} };
  const own = rules.annotations === "all" ? treatmentIn(annotations) : {};
  if (namespaceAnnotations === undefined || namespace === "") return { said: own };
  let written: Readonly<Record<string, string>>;
  try {
    written = await withSignal(namespaceAnnotations(namespace), signal);
  } catch (thrown) {
    const unread = signal?.aborted ? tooLate(namespace) : asPromoterError(thrown);
    const { code, message, hint } = unread;
    log.warn({ namespace, code, hint }, `Cannot heed the namespace's annotations: ${message}`);
    return { said: own, unread };
  }
  return { said: { ...treatmentIn(written), ...own } };
}

function tooLate(namespace: string): PromoterError {
  return new PromoterError("Timeout", `The namespace ${namespace} could not be read in time`, {
    temporary: true,
    hint: "See whether the API server is slow",
  });
}

/**
 * How an image is treated by rules and annotations.
 *
 * @throws why the namespace's annotations are not known, where nothing may slip through: it might have forbidden it.
 */
export function annotatedTreatment(
  place: Omit<ImagePlace, "annotated">,
  { said, unread }: Annotated,
  rules: AdmissionRules,
): Treatment {
  const { treatment, isFinal } = ruledTreatment(place, rules);
  if (unread !== undefined && !isFinal && treatment.onFailure === "deny") throw unread;
  return treatmentOf({ ...place, annotated: said }, rules);
}
