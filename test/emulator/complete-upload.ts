import { algorithmOf, type Digest } from "../../job/oci/digest.ts";
import type { StoredBlob } from "./blob.ts";
import { EcrException } from "./ecr-exception.ts";
import type { LayerUpload } from "./layer-upload.ts";
import type { QuirkName } from "./quirks.ts";
import type { Repository } from "./repository.ts";

/** Bytes that every part of an upload must have, but for the last. */
const minimumPartBytes = 5 * 1024 * 1024;
const maximumParts = 4_200;

/** @throws {EcrException} `UploadNotFoundException` when it never began, was completed, or was cancelled. */
export function findUpload(repository: Repository, uploadId: string): LayerUpload {
  const upload = repository.uploads.get(uploadId);
  if (upload !== undefined) return upload;
  throw new EcrException("UploadNotFoundException", `The upload '${uploadId}' could not be found`);
}

/**
 * Turns an upload into a blob of the repository, for the registry protocol and for CompleteLayerUpload alike. The
 * upload is over, whether it succeeds or not.
 *
 * @throws {EcrException} `LayerPartTooSmallException`, `LimitExceededException`, `InvalidLayerException` when the
 * bytes are not those of `digest`.
 */
export function completeUpload(
  repository: Repository,
  upload: LayerUpload,
  digest: Digest,
  quirks: ReadonlySet<QuirkName>,
): StoredBlob {
  repository.uploads.delete(upload.id);
  if (quirks.has("minimum-part")) checkParts(upload);
  const blob = upload.finish(algorithmOf(digest));
  if (blob.digest !== digest) {
    throw new EcrException(
      "InvalidLayerException",
      `The layer digest calculated by the registry, '${blob.digest}', does not match '${digest}'`,
    );
  }
  if (!repository.blobs.has(digest)) repository.blobs.set(digest, blob);
  return blob;
}

function checkParts({ parts }: LayerUpload): void {
  if (parts.slice(0, -1).some((bytes) => bytes < minimumPartBytes)) {
    throw new EcrException(
      "LayerPartTooSmallException",
      `Layer parts must be at least ${minimumPartBytes} bytes in size, except the last`,
    );
  }
  if (parts.length > maximumParts) {
    throw new EcrException("LimitExceededException", `A layer may have at most ${maximumParts} parts`);
  }
}
