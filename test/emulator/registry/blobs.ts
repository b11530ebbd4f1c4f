import { type Digest, isDigest } from "../../../job/oci/digest.ts";
import { blobReply } from "../blob-reply.ts";
import { documentOf } from "../manifest-document.ts";
import { errorReply } from "../registry-error.ts";
import { emptyReply, type Reply } from "../reply.ts";
import type { Repository } from "../repository.ts";
import type { RegistryCall } from "./registry-call.ts";

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry} */
export function headBlob(call: RegistryCall): Reply {
  const { repository, target } = call;
  if (!isDigest(target)) return invalidDigest(target);
  const blob = repository.blobs.get(target);
  if (blob === undefined) return unknownBlob(target);
  return emptyReply(200, {
    "content-type": "application/octet-stream",
    "content-length": String(blob.size),
    "docker-content-digest": blob.digest,
    "accept-ranges": "bytes",
  });
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs} */
export function getBlob(call: RegistryCall): Reply {
  const { repository, target, context, storage, headers } = call;
  if (!isDigest(target)) return invalidDigest(target);
  const blob = repository.blobs.get(target);
  if (blob === undefined) return unknownBlob(target);
  if (context.quirks.has("unreferenced-blob-inaccessible") && !isReferenced(repository, target)) {
    return errorReply(404, "BLOB_UNKNOWN", `Layer '${target}' is not attached to an image`);
  }
  if (context.quirks.has("blob-redirect")) {
    const { accountId, region, name } = repository;
    const location = storage.presign({ accountId, region, repository: name, digest: target });
    return emptyReply(307, { location, "docker-content-digest": target, "content-length": "0" });
  }
  return blobReply(blob, headers.range, { "docker-content-digest": target });
}

export function deleteBlob(call: RegistryCall): Reply {
  const { repository, target, context } = call;
  if (context.quirks.has("no-blob-delete")) {
    return errorReply(405, "UNSUPPORTED", "The operation is unsupported");
  }
  if (!isDigest(target)) return invalidDigest(target);
  return repository.blobs.delete(target) ? emptyReply(202) : unknownBlob(target);
}

/** Whether a manifest of the repository that can be pulled names the blob. */
export function isReferenced(repository: Repository, digest: Digest): boolean {
  for (const manifest of repository.manifests.values()) {
    if (manifest.status === "ACTIVE" && documentOf(manifest).blobs.includes(digest)) return true;
  }
  return false;
}

export function invalidDigest(digest: string): Reply {
  return errorReply(400, "DIGEST_INVALID", `'${digest}' is not a valid digest`);
}

function unknownBlob(digest: Digest): Reply {
  return errorReply(404, "BLOB_UNKNOWN", `The blob '${digest}' is not known to the registry`);
}
