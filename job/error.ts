/** Which of the two registries of a promotion an error came from. */
export type Side = "source" | "destination";

/**
 * What went wrong, in the field's own words: the distribution specification's error codes in camel case, ECR's own
 * (`TagImmutable`, `TokenExpired`, `ImageArchived`), and ours. `docs/errors.md` explains each.
 */
export type ErrorCode =
  // The command or its configuration is wrong: exit code 2, before anything is written.
  | "Usage"
  | "InvalidReference"
  | "InvalidConfiguration"
  | "InvalidInput"
  | "NoRoute"
  // What a registry says.
  | "BlobUnknown"
  | "BlobUploadInvalid"
  | "BlobUploadUnknown"
  | "Denied"
  | "DigestInvalid"
  | "ImageArchived"
  | "ManifestBlobUnknown"
  | "ManifestInvalid"
  | "ManifestUnknown"
  | "NameInvalid"
  | "NameUnknown"
  | "RangeInvalid"
  | "SizeInvalid"
  | "TagImmutable"
  | "TagInvalid"
  | "TokenExpired"
  | "TooManyRequests"
  | "Unauthorized"
  | "Unavailable"
  | "Unsupported"
  // What the Kubernetes API says besides.
  | "Conflict"
  // What the client finds.
  | "CredentialsUnavailable"
  | "DigestMismatch"
  | "InvalidResponse"
  | "ManifestTooLarge"
  | "MediaTypeMismatch"
  | "Network"
  | "RedirectRefused"
  | "SizeMismatch"
  | "Timeout"
  | "UnsupportedManifest"
  // What promotion decides.
  | "AttestationFailed"
  | "OverwriteRefused"
  | "PruneRefused"
  | "ReferrersIncomplete"
  | "ScanUnavailable"
  | "SignatureRequired"
  | "VerificationFailed"
  | "VulnerabilitiesFound"
  // What the process meets.
  | "Aborted"
  | "Internal";

const usageCodes: ReadonlySet<ErrorCode> = new Set([
  "Usage",
  "InvalidReference",
  "InvalidConfiguration",
  "InvalidInput",
  "NoRoute",
]);

export interface PromoterErrorOptions {
  /** What to do about it: an imperative sentence, where possible a command to paste. */
  readonly hint?: string;
  readonly side?: Side;
  /** The image by its destination reference. */
  readonly image?: string;
  /** Method and address of the request that failed, without secrets. */
  readonly request?: string;
  /** The HTTP status that answered, where there was one. */
  readonly status?: number;
  /** Whether trying again later may help: network, throttling, 5xx. Default false. */
  readonly temporary?: boolean;
  readonly cause?: unknown;
}

/** Every error that this program throws on purpose. The message never holds a secret. */
export class PromoterError extends Error {
  override readonly name = "PromoterError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly request: string | undefined;
  readonly status: number | undefined;
  readonly temporary: boolean;
  /** Set by whoever knows it: the registry client does not know which side of a promotion it serves. */
  side: Side | undefined;
  image: string | undefined;

  constructor(code: ErrorCode, message: string, options: PromoterErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.request = options.request;
    this.status = options.status;
    this.temporary = options.temporary ?? false;
    this.side = options.side;
    this.image = options.image;
  }
}

/** True when the command or its configuration is at fault (exit code 2). */
export function isUsageError(error: PromoterError): boolean {
  return usageCodes.has(error.code);
}

/** True for a PromoterError with one of the given codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is PromoterError {
  return error instanceof PromoterError && codes.includes(error.code);
}

/** Turns whatever was thrown into a PromoterError; an unknown error becomes `Internal`, an abort `Aborted`. */
export function asPromoterError(error: unknown): PromoterError {
  if (error instanceof PromoterError) return error;
  if (error instanceof Error && error.name === "AbortError") {
    return new PromoterError("Aborted", "Stopped before it was done", { temporary: true, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new PromoterError("Internal", message, {
    cause: error,
    hint: "Run again with --log-level debug and report what it prints as a bug",
  });
}

/** Runs `work` and writes on its error, where it is not written yet, the side and the image that it belongs to. */
export async function locateError<T>(
  where: { side?: Side; image?: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PromoterError) {
      error.side ??= where.side;
      error.image ??= where.image;
    }
    throw error;
  }
}
