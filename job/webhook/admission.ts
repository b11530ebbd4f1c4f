import { asPromoterError, PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import type { Route } from "../promotion/route.ts";
import {
  type AdmissionDecision,
  type AdmissionRequest,
  describeObject,
  fieldsOf,
} from "./admission-review.ts";
import { treatmentIn } from "./annotations.ts";
import { imagesOfOurs, type OurImage } from "./our-images.ts";
import { type AdmissionRules, type AnnotatedTreatment, type Treatment, treatmentOf } from "./rules.ts";
import type { Verdict } from "./verdict.ts";
import { readWorkload, type Workload } from "./workload-images.ts";

export interface AdmissionOptions {
  readonly routes: readonly Route[];
  readonly rules: AdmissionRules;
  /** Whether an image that no route leads to was not promoted either. */
  readonly strict: boolean;
  /** Namespaces that are left alone. */
  readonly isExcluded: (namespace: string) => boolean;
  /** What a namespace's annotations say; absent where nobody asks for them. */
  readonly namespaceAnnotations?: (namespace: string) => Promise<Readonly<Record<string, string>>>;
  readonly log: Log;
}

/** How one image is judged, once it is known how to treat it. Rejects only for what nobody expected. */
export type Judge = (image: OurImage, about: Judgement) => Promise<Verdict>;

export interface Judgement {
  readonly treatment: Treatment;
  readonly request: AdmissionRequest;
  /** Who asks: `Pod shop/web-5d8`. */
  readonly origin: string;
  /** Aborted when an answer is due. */
  readonly signal: AbortSignal;
}

/** Decides about one request before `signal` is aborted, or hardly later. Never rejects. */
export type Admission = (request: AdmissionRequest, signal: AbortSignal) => Promise<AdmissionDecision>;

/** More than any pod has; each costs a request at least. */
const mostImages = 250;

const allowed: AdmissionDecision = { allowed: true };

/** Decides about the images that an object brings along, each by `judge`, as it is to be treated. */
export function admission(options: AdmissionOptions, judge: Judge): Admission {
  return async (request, signal) => {
    if (options.isExcluded(request.namespace)) return allowed;
    try {
      return await decide(request, { options, judge, signal });
    } catch (thrown) {
      return unexpected(thrown, request, options);
    }
  };
}

interface Deciding {
  readonly options: AdmissionOptions;
  readonly judge: Judge;
  readonly signal: AbortSignal;
}

async function decide(
  request: AdmissionRequest,
  { options, judge, signal }: Deciding,
): Promise<AdmissionDecision> {
  const workload = concerned(request);
  if (workload === undefined) return allowed;
  const ours = imagesOfOurs(newImages(workload, request), options);
  if (ours.length === 0) return allowed;
  if (ours.length > mostImages) throw tooManyImages(ours.length);
  const { rules } = options;
  const { namespace } = request;
  const annotated = await annotatedOf(request, workload, options);
  const origin = describeObject(request);
  const verdicts = await Promise.all(
    ours.map((image) => {
      const place = { namespace, labels: workload.labels, image: image.destination, annotated };
      return judge(image, { treatment: treatmentOf(place, rules), request, origin, signal });
    }),
  );
  return decisionOf(verdicts);
}

function tooManyImages(count: number): PromoterError {
  return new PromoterError("InvalidInput", `${count} different images are more than anybody runs in a pod`, {
    hint: `Name at most ${mostImages} of them`,
  });
}

/** The object with its images, where they can matter: it is about to be made or changed, and not by a kubelet. */
function concerned({ operation, kind, object }: AdmissionRequest): Workload | undefined {
  if (operation !== "CREATE" && operation !== "UPDATE") return undefined;
  const workload = readWorkload(kind, object);
  if (workload === undefined || fieldsOf(fieldsOf(object).metadata).deletionTimestamp !== undefined)
    return undefined;
  // What a kubelet runs by itself runs already; the API server's copy of it must not differ.
  return Object.hasOwn(workload.annotations, "kubernetes.io/config.mirror") ? undefined : workload;
}

/** Whoever changes a label, or takes a finalizer away, is not to be stopped for images that run already. */
function newImages({ images }: Workload, { kind, oldObject }: AdmissionRequest): Workload["images"] {
  if (oldObject === undefined) return images;
  const before = new Set(readWorkload(kind, oldObject)?.images.map(({ image }) => image));
  return images.filter(({ image }) => !before.has(image));
}

/**
 * What annotations of a namespace and of a workload in it say, as far as they are heeded.
 *
 * @throws {PromoterError} `InvalidInput` for what they may not say; what the API says where nothing may slip through.
 */
export async function annotatedOf(
  { namespace }: Pick<AdmissionRequest, "namespace">,
  { annotations }: Pick<Workload, "annotations">,
  { rules, namespaceAnnotations, log }: AdmissionOptions,
): Promise<AnnotatedTreatment> {
  if (rules.annotations === "none") return {};
  const own = rules.annotations === "all" ? treatmentIn(annotations) : {};
  if (namespaceAnnotations === undefined || namespace === "") return own;
  try {
    return { ...treatmentIn(await namespaceAnnotations(namespace)), ...own };
  } catch (thrown) {
    // Where nothing may slip through, a namespace that cannot be asked might have forbidden it.
    if (rules.onFailure === "deny") throw thrown;
    const { code, message, hint } = asPromoterError(thrown);
    log.warn({ namespace, code, hint }, `Cannot heed the namespace's annotations: ${message}`);
    return own;
  }
}

function decisionOf(verdicts: readonly Verdict[]): AdmissionDecision {
  const refused = verdicts.filter(({ refusal }) => refusal !== undefined);
  const outcomes = verdicts.map(({ outcome }) => outcome);
  const audit = {
    images: verdicts
      .map(({ image, outcome }) => `${image}=${outcome}`)
      .join(" ")
      .slice(0, 4_000),
  };
  if (refused.length > 0) {
    return {
      allowed: false,
      temporary: refused.every(({ temporary }) => temporary === true),
      message: `image-promoter: ${refused.map(({ refusal }) => refusal).join("; ")}`,
      audit,
      outcomes,
    };
  }
  return {
    allowed: true,
    patch: verdicts.flatMap(({ patch }) => patch ?? []),
    warnings: verdicts.flatMap(({ warning }) => (warning === undefined ? [] : `image-promoter: ${warning}`)),
    audit,
    outcomes,
  };
}

function unexpected(
  thrown: unknown,
  request: AdmissionRequest,
  { rules, log }: AdmissionOptions,
): AdmissionDecision {
  const { code, message, hint } = asPromoterError(thrown);
  const action = rules.onFailure;
  log.error({ object: describeObject(request), code, hint, action }, `Cannot judge an object: ${message}`);
  const told = `image-promoter: Cannot judge its images: ${message}`;
  return action === "deny"
    ? { allowed: false, temporary: true, message: told }
    : { allowed: true, warnings: [told] };
}
