import { z } from "zod";
import { algorithmOf, isDigest } from "../../../job/oci/digest.ts";
import { completeUpload, findUpload } from "../complete-upload.ts";
import { EcrException } from "../ecr-exception.ts";
import { LayerUpload } from "../layer-upload.ts";
import { activeQuirks } from "../quirks.ts";
import { isReferenced } from "../registry/blobs.ts";
import type { Repository } from "../repository.ts";
import { openRepository } from "./access.ts";
import { repositoryInput } from "./input.ts";
import { invalidParameter, operation } from "./operation.ts";

const digestPattern = "[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+";
const layerDigest = z.string().refine(isDigest, `must satisfy regular expression '${digestPattern}'`);
/** What ECR tells clients to send at a time, in bytes. */
const partSize = 10 * 1024 * 1024;

export const batchCheckLayerAvailability = operation(
  repositoryInput.extend({ layerDigests: z.array(z.string()).min(1).max(100) }),
  (input, request) => {
    const repository = openRepository(request, input);
    const layers: object[] = [];
    const failures: object[] = [];
    for (const digest of input.layerDigests) {
      if (isDigest(digest)) {
        const blob = repository.blobs.get(digest);
        layers.push({
          layerDigest: digest,
          layerAvailability: blob === undefined ? "UNAVAILABLE" : "AVAILABLE",
          ...(blob && {
            layerSize: blob.size,
            mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
          }),
        });
      } else {
        failures.push({
          layerDigest: digest,
          failureCode: "InvalidLayerDigest",
          failureReason: `Invalid request parameters: layer digest should satisfy the regex '${digestPattern}'`,
        });
      }
    }
    return { layers, failures };
  },
);

export const getDownloadUrlForLayer = operation(repositoryInput.extend({ layerDigest }), (input, request) => {
  const repository = openRepository(request, input);
  const { layerDigest: digest } = input;
  if (!repository.blobs.has(digest))
    throw layerFault("LayersNotFoundException", repository, digest, "does not exist");
  const quirks = activeQuirks(request.context.options);
  if (quirks.has("unreferenced-blob-inaccessible") && !isReferenced(repository, digest)) {
    throw layerFault("LayerInaccessibleException", repository, digest, "is not attached to an image");
  }
  const { accountId, region, name } = repository;
  return {
    downloadUrl: request.context.presign({ accountId, region, repository: name, digest }),
    layerDigest: digest,
  };
});

export const initiateLayerUpload = operation(repositoryInput, (input, request) => {
  const repository = openRepository(request, input);
  const { discardBlobsAboveBytes } = request.context.options;
  const upload = new LayerUpload(
    discardBlobsAboveBytes === undefined ? {} : { discardAboveBytes: discardBlobsAboveBytes },
  );
  repository.uploads.set(upload.id, upload);
  return { uploadId: upload.id, partSize };
});

export const uploadLayerPart = operation(
  repositoryInput.extend({
    uploadId: z.string(),
    partFirstByte: z.int().min(0),
    partLastByte: z.int().min(0),
    layerPartBlob: z.base64().max(Math.ceil(20 * 1024 * 1024 * (4 / 3)) + 4),
  }),
  async (input, request) => {
    const repository = openRepository(request, input);
    const upload = findUpload(repository, input.uploadId);
    const bytes = Buffer.from(input.layerPartBlob, "base64");
    const identity = {
      registryId: repository.accountId,
      repositoryName: repository.name,
      uploadId: upload.id,
    };
    if (input.partFirstByte !== upload.size) {
      throw new EcrException(
        "InvalidLayerPartException",
        `First byte of the layer part is ${input.partFirstByte} instead of ${upload.size}`,
        { ...identity, lastValidByteReceived: upload.size - 1 },
      );
    }
    if (input.partLastByte - input.partFirstByte + 1 !== bytes.length) {
      throw invalidParameter("partLastByte", "does not fit the length of the layer part");
    }
    await upload.append([bytes]);
    return { ...identity, lastByteReceived: upload.size - 1 };
  },
);

export const completeLayerUpload = operation(
  repositoryInput.extend({ uploadId: z.string(), layerDigests: z.array(layerDigest).min(1).max(100) }),
  (input, request) => {
    const repository = openRepository(request, input);
    const upload = findUpload(repository, input.uploadId);
    if (upload.size === 0) {
      throw new EcrException("EmptyUploadException", `The upload '${upload.id}' holds no layer parts`);
    }
    // The same content by several algorithms: one digest names the layer.
    const digest =
      input.layerDigests.find((wanted) => algorithmOf(wanted) === "sha256") ?? input.layerDigests[0];
    if (digest === undefined) throw invalidParameter("layerDigests", "Member must not be null");
    if (repository.blobs.has(digest)) {
      repository.uploads.delete(upload.id);
      throw layerFault("LayerAlreadyExistsException", repository, digest, "already exists");
    }
    const blob = completeUpload(repository, upload, digest, activeQuirks(request.context.options));
    return {
      registryId: repository.accountId,
      repositoryName: repository.name,
      uploadId: upload.id,
      layerDigest: blob.digest,
    };
  },
);

function layerFault(
  name: "LayersNotFoundException" | "LayerInaccessibleException" | "LayerAlreadyExistsException",
  { accountId, name: repositoryName }: Repository,
  digest: string,
  what: string,
): EcrException {
  return new EcrException(
    name,
    `The layer with digest '${digest}' ${what} in the repository with name '${repositoryName}' in the registry with id '${accountId}'`,
  );
}
