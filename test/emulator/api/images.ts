import { z } from "zod";
import { digestOf, isDigest } from "../../../job/oci/digest.ts";
import { isManifest, mediaTypes } from "../../../job/oci/media-type.ts";
import { isTag } from "../../../job/oci/reference.ts";
import { EcrException } from "../ecr-exception.ts";
import { parseObject } from "../manifest-document.ts";
import { pushImage } from "../push-image.ts";
import { activeQuirks } from "../quirks.ts";
import { convertFor, type Representation } from "../registry/convert-manifest.ts";
import type { Repository } from "../repository.ts";
import { openRepository } from "./access.ts";
import { type ImageFailure, lookUpImage } from "./image-ids.ts";
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
        // By digest nothing is converted: the answer would have another one.
        const isConverted = quirks.has("converts-by-accept") && imageId.imageDigest === undefined;
        const accepted = isConverted ? input.acceptedMediaTypes?.join(",") : undefined;
        const shown =
          accepted === undefined ? found.image : convertFor(accepted, found.image, repository.name);
        images.push(describeImage(repository, shown, imageId.imageTag));
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
    const manifest = {
      ...{ bytes, mediaType },
      ...(imageTag !== undefined && { tags: [imageTag] }),
      ...(input.imageDigest !== undefined && { digest: input.imageDigest }),
    };
    const subject405 = options.subject405 ?? false;
    const pushed = asParameterError(() =>
      pushImage(repository, manifest, { quirks: activeQuirks(options), now: request.now, subject405 }),
    );
    if (pushed.existed) throw alreadyExists(repository, pushed.digest, imageTag);
    return { image: describeImage(repository, { bytes, mediaType }, imageTag) };
  },
);

function describeImage(repository: Repository, image: Representation, imageTag: string | undefined): object {
  return {
    registryId: repository.accountId,
    repositoryName: repository.name,
    imageId: { imageDigest: digestOf(image.bytes), imageTag },
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
