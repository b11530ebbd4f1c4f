import { z } from "zod";
import { isDigest } from "../../../job/oci/digest.ts";
import { isManifest, mediaTypes } from "../../../job/oci/media-type.ts";
import { isTag } from "../../../job/oci/reference.ts";
import { deleteImage } from "../delete-image.ts";
import { EcrException } from "../ecr-exception.ts";
import { parseObject, readManifestDocument } from "../manifest-document.ts";
import { pushImage } from "../push-image.ts";
import { activeQuirks } from "../quirks.ts";
import type { Repository, StoredManifest } from "../repository.ts";
import { openRepository } from "./access.ts";
import { type ImageFailure, type ImageId, lookUpImage, tagsOf } from "./image-ids.ts";
import { imageIds, repositoryInput } from "./input.ts";
import { invalidParameter, operation } from "./operation.ts";

export const batchGetImage = operation(
  repositoryInput.extend({ imageIds, acceptedMediaTypes: z.array(z.string()).optional() }),
  (input, request) => {
    const repository = openRepository(request, input);
    const quirks = activeQuirks(request.context.options);
    const images: object[] = [];
    const failures: ImageFailure[] = [];
    for (const imageId of input.imageIds) {
      const found = lookUpImage(repository, imageId);
      if (found.failure !== undefined) failures.push(found.failure);
      else if (found.image.status !== "ACTIVE" && quirks.has("archived-not-pullable")) {
        failures.push({ imageId, failureCode: "ImageInaccessible", failureReason: "The image is archived" });
      } else {
        found.image.lastPulledAt = request.now;
        images.push(describeImage(repository, found.image, imageId.imageTag));
      }
    }
    return { images, failures };
  },
);

export const putImage = operation(
  repositoryInput.extend({
    imageManifest: z.string().min(1).max(4_194_304),
    imageManifestMediaType: z.string().optional(),
    imageTag: z
      .string()
      .refine(isTag, "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'")
      .optional(),
    imageDigest: z.string().refine(isDigest, "Invalid digest").optional(),
  }),
  (input, request) => {
    const repository = openRepository(request, input);
    const { options } = request.context;
    const bytes = Buffer.from(input.imageManifest);
    const mediaType = input.imageManifestMediaType ?? mediaTypeIn(bytes);
    if (mediaType === undefined || !isManifest(mediaType)) {
      throw invalidParameter("imageManifestMediaType", "unsupported image manifest media type");
    }
    const { imageTag } = input;
    const pushed = asParameterError(() =>
      pushImage(
        repository,
        {
          bytes,
          mediaType,
          ...(imageTag !== undefined && { tags: [imageTag] }),
          ...(input.imageDigest !== undefined &&
            isDigest(input.imageDigest) && { digest: input.imageDigest }),
        },
        {
          quirks: activeQuirks(options),
          now: request.now,
          ...(options.subject405 !== undefined && { subject405: options.subject405 }),
        },
      ),
    );
    if (pushed.existed) throw alreadyExists(repository, pushed.digest, imageTag);
    const stored = { digest: pushed.digest, bytes, mediaType };
    return { image: describeImage(repository, stored, imageTag) };
  },
);

export const batchDeleteImage = operation(repositoryInput.extend({ imageIds }), (input, request) => {
  const repository = openRepository(request, input);
  const deleted: ImageId[] = [];
  const failures: ImageFailure[] = [];
  for (const imageId of input.imageIds) {
    const found = lookUpImage(repository, imageId);
    if (found.failure !== undefined) failures.push(found.failure);
    else {
      const parent = indexAround(repository, found.image);
      const tags = tagsOf(repository, found.image.digest);
      const isOnlyTag = imageId.imageTag !== undefined && (tags.length > 1 || parent !== undefined);
      if (isOnlyTag && imageId.imageTag !== undefined) {
        repository.imageTags.delete(imageId.imageTag);
        deleted.push({ imageDigest: found.image.digest, imageTag: imageId.imageTag });
      } else if (parent !== undefined) {
        failures.push({
          imageId,
          failureCode: "ImageReferencedByManifestList",
          failureReason: `Requested image referenced by manifest list: [${parent}]`,
        });
      } else {
        deleteImage(repository, found.image.digest);
        const { digest: imageDigest } = found.image;
        deleted.push(
          ...(tags.length === 0 ? [{ imageDigest }] : tags.map((imageTag) => ({ imageDigest, imageTag }))),
        );
      }
    }
  }
  return { imageIds: deleted, failures };
});

function describeImage(
  repository: Repository,
  image: Pick<StoredManifest, "bytes" | "digest" | "mediaType">,
  imageTag: string | undefined,
): object {
  return {
    registryId: repository.accountId,
    repositoryName: repository.name,
    imageId: { imageDigest: image.digest, imageTag },
    imageManifest: Buffer.from(image.bytes).toString(),
    imageManifestMediaType: image.mediaType,
  };
}

/** A manifest sent without its media type says it itself; OCI allows it to be silent. */
function mediaTypeIn(bytes: Uint8Array): string | undefined {
  const document = parseObject(bytes);
  if (document === undefined) throw invalidParameter("imageManifest", "Invalid JSON syntax");
  if (typeof document.mediaType === "string") return document.mediaType;
  return document.manifests === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex;
}

/** The registry protocol has a status of its own for manifests that ECR does not take; the API has not. */
function asParameterError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EcrException && error.name === "UnsupportedManifestException") {
      throw invalidParameter("imageManifest", error.message);
    }
    throw error;
  }
}

function alreadyExists(repository: Repository, digest: string, imageTag: string | undefined): EcrException {
  return new EcrException(
    "ImageAlreadyExistsException",
    `Image with digest '${digest}' and tag '${imageTag ?? "null"}' already exists in the repository with name '${repository.name}' in registry with id '${repository.accountId}'`,
  );
}

/** The digest of an index that has the image as a member. */
function indexAround(repository: Repository, image: StoredManifest): string | undefined {
  for (const candidate of repository.manifests.values()) {
    const document = readManifestDocument(candidate.bytes, candidate.mediaType);
    if (document?.children.includes(image.digest)) return candidate.digest;
  }
  return undefined;
}
