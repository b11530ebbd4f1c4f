import { z } from "zod";
import { openRepository } from "./access.ts";
import { findImage, tagsOf } from "./image-ids.ts";
import { imageId, repositoryInput } from "./input.ts";
import { operation } from "./operation.ts";

/** Archives an image, or restores it; ECR takes minutes to restore one, here it is there at once. */
export const updateImageStorageClass = operation(
  repositoryInput.extend({ imageId, targetStorageClass: z.enum(["ARCHIVE", "STANDARD"]) }),
  (input, request) => {
    const repository = openRepository(request, input);
    const image = findImage(repository, input.imageId);
    if (input.targetStorageClass === "ARCHIVE") {
      image.status = "ARCHIVED";
      image.lastArchivedAt = request.now;
    } else {
      image.status = "ACTIVE";
      image.lastActivatedAt = request.now;
    }
    return {
      registryId: repository.accountId,
      repositoryName: repository.name,
      imageId: {
        imageDigest: image.digest,
        imageTag: input.imageId.imageTag ?? tagsOf(repository, image.digest)[0],
      },
      imageStatus: image.status,
    };
  },
);
