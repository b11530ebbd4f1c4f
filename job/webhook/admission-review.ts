import { PromoterError } from "../error.ts";
import { fieldsOf, textOf } from "../kubernetes/object.ts";
import type { PatchOperation } from "./json-patch.ts";
import type { ImageOutcome } from "./verdict.ts";

/** What the API server asks about one object. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  /** The object's kind, with its group: `apps/Deployment`, `Pod`. */
  readonly kind: string;
  readonly subResource: string;
  /** Empty for what has none. */
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly object: unknown;
  /** As it was before; only of updates. */
  readonly oldObject: unknown;
}

/** What the API server is told. */
export interface AdmissionDecision {
  readonly allowed: boolean;
  /** Why not. */
  readonly message?: string;
  /** Whether trying again later may help. */
  readonly temporary?: boolean;
  readonly patch?: readonly PatchOperation[];
  /** What whoever made the object should know. */
  readonly warnings?: readonly string[];
  /** What the audit log keeps. */
  readonly audit?: Readonly<Record<string, string>>;
  /** What came of each image, for whoever counts. */
  readonly outcomes?: readonly ImageOutcome[];
}

const apiVersion = "admission.k8s.io/v1";
const kind = "AdmissionReview";
/** What the API server takes of one warning before it cuts it, and of a message before nobody reads it. */
const longestWarning = 250;
const mostWarnings = 10;
const longestMessage = 2_000;

/**
 * Reads an AdmissionReview.
 *
 * @throws {PromoterError} `InvalidInput` when it is none.
 * {@link https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request}
 */
export function readReview(text: string): AdmissionRequest {
  const review = fieldsOf(parsed(text));
  const request = fieldsOf(review.request);
  if (review.apiVersion !== apiVersion || review.kind !== kind) throw invalid("It is no AdmissionReview v1");
  const { uid, operation } = request;
  if (typeof uid !== "string" || uid === "" || uid.length > 200) throw invalid("It has no uid");
  if (typeof operation !== "string") throw invalid("It has no operation");
  return {
    uid,
    operation,
    kind: kindOf(request),
    subResource: textOf(request.subResource),
    namespace: textOf(request.namespace),
    name: textOf(request.name),
    dryRun: request.dryRun === true,
    object: request.object ?? undefined,
    oldObject: request.oldObject ?? undefined,
  };
}

/**
 * What answers it.
 * {@link https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response}
 */
export function reviewOf(uid: string, decision: AdmissionDecision): object {
  const { allowed, message, temporary = false, patch = [], warnings = [], audit } = decision;
  // Not one of 500 and above: they would count as failures of the API server, which would wake up somebody.
  const status = temporary ? { code: 429, reason: "TooManyRequests" } : { code: 403, reason: "Forbidden" };
  return {
    apiVersion,
    kind,
    response: {
      uid,
      allowed,
      ...(!allowed && { status: { ...status, message: shortened(message ?? "Refused", longestMessage) } }),
      ...(allowed &&
        patch.length > 0 && {
          patchType: "JSONPatch",
          patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
        }),
      ...(warnings.length > 0 && {
        warnings: warnings.slice(0, mostWarnings).map((warning) => shortened(warning, longestWarning)),
      }),
      ...(audit !== undefined && { auditAnnotations: audit }),
    },
  };
}

/** One object of a request, for messages: `Pod shop/web-5d8`. */
export function describeObject({ kind, namespace, name, object }: AdmissionRequest): string {
  const { generateName } = fieldsOf(fieldsOf(object).metadata);
  const named = name || (typeof generateName === "string" ? `${generateName}*` : "");
  const place = namespace === "" ? named : `${namespace}/${named}`;
  return `${kind.slice(kind.indexOf("/") + 1)} ${place}`.slice(0, 400);
}

function kindOf({ kind: written }: Readonly<Record<string, unknown>>): string {
  const { group, kind: name } = fieldsOf(written);
  if (typeof name !== "string") throw invalid("It has no kind");
  return textOf(group) === "" ? name : `${group}/${name}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid("It is no JSON", cause);
  }
}

/** Control characters would end a header, in which warnings travel. */
function shortened(text: string, longest: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ");
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

function invalid(what: string, cause?: unknown): PromoterError {
  return new PromoterError("InvalidInput", `Cannot read an admission request: ${what}`, {
    hint: "Let only the API server ask, with admissionReviewVersions: [v1]",
    cause,
  });
}
