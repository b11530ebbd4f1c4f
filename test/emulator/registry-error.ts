import { ContentDiscarded } from "./blob.ts";
import { EcrException, type EcrExceptionName } from "./ecr-exception.ts";
import { jsonReply, type Reply } from "./reply.ts";

/**
 * An answer in the distribution specification's form.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes}
 */
export function errorReply(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return jsonReply(status, { errors: [{ code, message }] }, headers);
}

const registryErrors: Readonly<Partial<Record<EcrExceptionName, readonly [status: number, code: string]>>> = {
  AccessDeniedException: [403, "DENIED"],
  EmptyUploadException: [400, "BLOB_UPLOAD_INVALID"],
  ImageArchivedException: [404, "MANIFEST_UNKNOWN"],
  ImageDigestDoesNotMatchException: [400, "DIGEST_INVALID"],
  ImageNotFoundException: [404, "MANIFEST_UNKNOWN"],
  ImageTagAlreadyExistsException: [400, "TAG_INVALID"],
  InvalidLayerException: [400, "DIGEST_INVALID"],
  InvalidLayerPartException: [416, "BLOB_UPLOAD_INVALID"],
  InvalidParameterException: [400, "MANIFEST_INVALID"],
  LayerInaccessibleException: [404, "BLOB_UNKNOWN"],
  LayerPartTooSmallException: [400, "BLOB_UPLOAD_INVALID"],
  LayersNotFoundException: [404, "BLOB_UPLOAD_UNKNOWN"],
  LimitExceededException: [403, "DENIED"],
  ReferencedImagesNotFoundException: [404, "MANIFEST_BLOB_UNKNOWN"],
  RepositoryNotFoundException: [404, "NAME_UNKNOWN"],
  ThrottlingException: [429, "TOOMANYREQUESTS"],
  UnsupportedManifestException: [405, "UNSUPPORTED"],
  UploadNotFoundException: [404, "BLOB_UPLOAD_UNKNOWN"],
};

/** What the registry protocol answers where the store refused; a bug stays one. */
export function replyToRefusal(error: unknown): Reply {
  if (error instanceof ContentDiscarded) return errorReply(500, "UNKNOWN", error.message);
  const known = error instanceof EcrException ? registryErrors[error.name] : undefined;
  if (known === undefined || !(error instanceof Error)) throw error;
  const [status, code] = known;
  return errorReply(status, code, error.message);
}
