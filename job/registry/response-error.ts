import { type ErrorCode, PromoterError } from "../error.ts";
import { parseErrorBody, type RegistryMessage } from "./error-body.ts";
import type { RequestKind } from "./pacing.ts";
import { printableSpeech, redactUrl } from "./redact.ts";

/** What an error says of the request that it came from. */
export interface RequestContext {
  readonly kind: RequestKind;
  readonly method: string;
  readonly url: URL;
  /** A verb and what it is about: `push blob sha256:…`. */
  readonly doing: string;
  readonly host: string;
  /** Empty for requests to the registry as a whole. */
  readonly repository: string;
}

/** Words that only the kind of registry knows. */
export interface RegistryHints {
  /** What to grant so that a request of this kind is allowed. */
  readonly describeDenied?: (kind: RequestKind, repository: string) => string;
  /** How to create a repository. */
  readonly describeMissingRepository?: (repository: string) => string;
}

export interface ErrorAnswer {
  readonly status: number;
  /** Up to {@link maxErrorBytes} of the body. */
  readonly text: string;
  /** Whether another host than the registry's answered, after a redirect. */
  readonly fromStorage?: boolean;
}

/**
 * The error that an answer stands for: by the registry's own code first, by the status second.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes}
 */
export function responseError(
  context: RequestContext,
  answer: ErrorAnswer,
  hints: RegistryHints = {},
): PromoterError {
  const messages = parseErrorBody(answer.text);
  const said = messages[0];
  const code = errorCodeOf(context, answer, said);
  const spoken = [said?.code, said?.message].filter(Boolean).join(": ");
  return new PromoterError(
    code,
    `Cannot ${context.doing} at ${placeOf(context)}: ${printableSpeech(spoken || `the answer was ${answer.status}`, maxSpoken)}`,
    {
      request: `${context.method} ${redactUrl(context.url)}`,
      status: answer.status,
      // A signed address may have run out; asking the registry again brings a new one.
      temporary:
        isTemporary(code, answer.status, context) || (answer.fromStorage === true && code === "Denied"),
      hint: answer.fromStorage === true ? storageHint(context) : hintFor(code, context, hints),
    },
  );
}

/** Whether the answer says that what authorised the request has expired. */
export function saysExpired(status: number, text: string): boolean {
  return [400, 401, 403].includes(status) && text.split("\n").some(lineSaysExpired);
}

/** In two steps, each of them linear: whole bodies of errors go through here. */
function lineSaysExpired(line: string): boolean {
  const subject = line.search(/\b(?:token|authorization)\b/i);
  return subject >= 0 && /\bexpired\b/i.test(line.slice(subject));
}

/** `host/repository`, as people write it. */
export function placeOf({ host, repository }: RequestContext): string {
  return repository === "" ? host : `${host}/${repository}`;
}

/** Most characters of a registry's words in a message. */
const maxSpoken = 500;

const codesBySpecification: Readonly<Record<string, ErrorCode>> = {
  BLOB_UNKNOWN: "BlobUnknown",
  BLOB_UPLOAD_INVALID: "BlobUploadInvalid",
  BLOB_UPLOAD_UNKNOWN: "BlobUploadUnknown",
  DENIED: "Denied",
  DIGEST_INVALID: "DigestInvalid",
  MANIFEST_BLOB_UNKNOWN: "ManifestBlobUnknown",
  MANIFEST_INVALID: "ManifestInvalid",
  MANIFEST_UNKNOWN: "ManifestUnknown",
  MANIFEST_UNVERIFIED: "ManifestInvalid",
  NAME_INVALID: "NameInvalid",
  NAME_UNKNOWN: "NameUnknown",
  RANGE_INVALID: "RangeInvalid",
  SIZE_INVALID: "SizeInvalid",
  TAG_INVALID: "TagInvalid",
  TOOMANYREQUESTS: "TooManyRequests",
  UNAUTHORIZED: "Unauthorized",
  UNAVAILABLE: "Unavailable",
  UNSUPPORTED: "Unsupported",
};

const unknownByKind: Readonly<Record<RequestKind, ErrorCode>> = {
  "manifest-read": "ManifestUnknown",
  "manifest-write": "NameUnknown",
  "blob-check": "BlobUnknown",
  "blob-read": "BlobUnknown",
  "upload-start": "NameUnknown",
  "upload-part": "BlobUploadUnknown",
  "upload-finish": "BlobUploadUnknown",
  list: "NameUnknown",
};

function errorCodeOf(
  { kind }: RequestContext,
  { status, text, fromStorage }: ErrorAnswer,
  said: RegistryMessage | undefined,
): ErrorCode {
  if (fromStorage !== true) {
    if (kind === "manifest-write" && isImmutable(status, said)) return "TagImmutable";
    if (saysExpired(status, text)) return "TokenExpired";
    if (status < 500 && /\barchived\b/i.test(said?.message ?? "")) return "ImageArchived";
    const specified = codesBySpecification[said?.code.toUpperCase() ?? ""];
    // Whatever blob a manifest is refused for, it is one that the manifest names.
    if (kind === "manifest-write" && specified?.startsWith("Blob")) return "ManifestBlobUnknown";
    if (specified !== undefined) return specified;
  }
  return codeOfStatus(status, kind);
}

/** ECR: 400 TAG_INVALID; others answer 403, 405, 409 or 412 with words of their own. */
function isImmutable(status: number, said: RegistryMessage | undefined): boolean {
  if (!/immutable|cannot be overwritten/i.test(said?.message ?? "")) return false;
  return [403, 405, 409, 412].includes(status) || (status === 400 && /^TAG_/i.test(said?.code ?? ""));
}

function codeOfStatus(status: number, kind: RequestKind): ErrorCode {
  if (status === 401) return "Unauthorized";
  if (status === 403) return "Denied";
  if (status === 404) return unknownByKind[kind];
  if (status === 405) return "Unsupported";
  if (status === 408) return "Timeout";
  if (status === 413) return "SizeInvalid";
  if (status === 416) return "RangeInvalid";
  if (status === 429) return "TooManyRequests";
  return status >= 500 ? "Unavailable" : "InvalidResponse";
}

function isTemporary(code: ErrorCode, status: number, { kind }: RequestContext): boolean {
  // Neither what was asked for nor an error, as a rule a maintenance page; a redirect that leads nowhere as well.
  const isForeign = status < 300 || (status < 400 && kind.endsWith("-read"));
  if (code === "InvalidResponse") return isForeign;
  return code === "TooManyRequests" || [408, 429, 500, 502, 503, 504].includes(status);
}

function hintFor(code: ErrorCode, context: RequestContext, hints: RegistryHints): string {
  const { kind, host, repository } = context;
  const right = kind === "manifest-write" || kind.startsWith("upload") ? "push to" : "pull from";
  switch (code) {
    case "Unauthorized":
    case "TokenExpired":
      return `Check the credentials for ${host}: docker login ${host} stores them where this program looks`;
    case "Denied":
      return (
        hints.describeDenied?.(kind, repository) ?? `Grant this identity the right to ${right} ${repository}`
      );
    case "NameUnknown":
      return (
        hints.describeMissingRepository?.(repository) ??
        `Create the repository ${repository} at ${host}, or correct its name`
      );
    case "TagImmutable":
      return "Push under a new tag: this one is immutable and stands for another image";
    case "ImageArchived":
      return "Restore the archived image, then run again";
    case "ManifestBlobUnknown":
      return "Run again: what the manifest names was removed meanwhile, and is sent anew";
    case "TooManyRequests":
      return "Run again later, with a lower --concurrency, or have the registry's quota raised";
    case "SizeInvalid":
      return "Raise the limit of request bodies in the proxy before the registry";
    default:
      return `Look at what ${host} says; if the registry or a proxy before it is failing, run again later`;
  }
}

function storageHint({ url }: RequestContext): string {
  return `See that ${url.hostname}, where the registry keeps its blobs, can be reached: a VPC endpoint's policy or a proxy may refuse it`;
}
