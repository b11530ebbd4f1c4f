import { asPromoterError } from "../error.ts";
import { fieldsOf } from "../kubernetes/object.ts";
import type { Log } from "../log.ts";
import type { Route } from "../promotion/route.ts";
import { type AdmissionDecision, type AdmissionRequest, describeObject } from "./admission-review.ts";
import { annotatedOf, annotatedTreatment } from "./annotated-treatment.ts";
import { imagesOfOurs, type OurImage } from "./our-images.ts";
import { type AdmissionRules, ruledTreatment, type Treatment } from "./rules.ts";
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
  const { rules } = options;
  const { namespace } = request;
  const { labels } = workload;
  const judging = ours.length > mostImages ? judgeOfTooMany(ours.length) : judge;
  const about = { request, origin: describeObject(request), signal };
  const annotated = annotatedOf(request, workload, { ...options, signal });
  // Where every rule is final, nobody waits for it.
  annotated.catch(() => undefined);
  const verdicts = await Promise.all(
    ours.map(async (image): Promise<FailedVerdict> => {
      const place = { namespace, labels, image: image.destination };
      const ruled = ruledTreatment(place, rules);
      try {
        const treatment = ruled.isFinal ? ruled.treatment : annotatedTreatment(place, await annotated, rules);
        return await judging(image, { ...about, treatment });
      } catch (thrown) {
        return failedVerdict(image, thrown, ruled.treatment);
      }
    }),
  );
  for (const failure of new Set(verdicts.map(({ failure }) => failure))) {
    if (failure !== undefined) logUnexpected(failure, request, options);
  }
  return decisionOf(verdicts);
}

/** Nothing is asked about them, and nothing that has to have been promoted gets past in a crowd. */
function judgeOfTooMany(count: number): Judge {
  const told = `${count} different images are more than anybody runs in a pod: name at most ${mostImages}`;
  return async ({ image }, { treatment: { policy, onFailure } }) => {
    if (policy === "off") return { image, outcome: "left" };
    if (policy === "verify-only" || onFailure === "deny") return { image, outcome: "refused", refusal: told };
    return { image, outcome: "missing", warning: told };
  };
}

/** What becomes of an image that could not be judged, as its rule says. */
function failedVerdict({ image }: OurImage, failure: unknown, { onFailure }: Treatment): FailedVerdict {
  const told = unexpectedly(failure);
  return onFailure === "deny"
    ? { image, outcome: "refused", refusal: told, temporary: true, failure }
    : { image, outcome: "missing", warning: told, failure };
}

interface FailedVerdict extends Verdict {
  /** Why it could not be judged. */
  readonly failure?: unknown;
}

/** The object with its images, where they can matter: it is about to be made or changed, and not by a kubelet. */
function concerned({ operation, kind, object }: AdmissionRequest): Workload | undefined {
  if (operation !== "CREATE" && operation !== "UPDATE") return undefined;
  const workload = readWorkload(kind, object);
  if (workload === undefined) return undefined;
  // Of what is made, the API server takes the mark away again, but only after mutating webhooks were asked.
  if (operation === "UPDATE" && fieldsOf(fieldsOf(object).metadata).deletionTimestamp !== undefined)
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
      message: `image-promoter: ${[...new Set(refused.map(({ refusal }) => refusal))].join("; ")}`,
      audit,
      outcomes,
    };
  }
  return {
    allowed: true,
    patch: verdicts.flatMap(({ patch }) => patch ?? []),
    warnings: [
      ...new Set(
        verdicts.flatMap(({ warning }) => (warning === undefined ? [] : `image-promoter: ${warning}`)),
      ),
    ],
    audit,
    outcomes,
  };
}

function unexpected(
  thrown: unknown,
  request: AdmissionRequest,
  options: AdmissionOptions,
): AdmissionDecision {
  logUnexpected(thrown, request, options);
  const told = `image-promoter: ${unexpectedly(thrown)}`;
  return options.rules.onFailure === "deny"
    ? { allowed: false, temporary: true, message: told }
    : { allowed: true, warnings: [told] };
}

function unexpectedly(thrown: unknown): string {
  return `Cannot judge its images: ${asPromoterError(thrown).message}`;
}

function logUnexpected(thrown: unknown, request: AdmissionRequest, { log }: AdmissionOptions): void {
  const { code, message, hint } = asPromoterError(thrown);
  log.error({ object: describeObject(request), code, hint }, `Cannot judge an object: ${message}`);
}
