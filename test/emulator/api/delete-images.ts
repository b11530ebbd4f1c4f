import { deleteImage } from "../delete-image.ts";
import { readManifestDocument } from "../manifest-document.ts";
import type { Repository, StoredManifest } from "../repository.ts";
import { openRepository } from "./access.ts";
import { type ImageFailure, type ImageId, lookUpImage, tagsOf } from "./image-ids.ts";
import { imageIds, repositoryInput } from "./input.ts";
import { operation } from "./operation.ts";

export const batchDeleteImage = operation(repositoryInput.extend({ imageIds }), (input, request) => {
  const repository = openRepository(request, input);
  const deleted: ImageId[] = [];
  const failures: ImageFailure[] = [];
  for (const imageId of input.imageIds) {
    const found = lookUpImage(repository, imageId);
    const outcome = found.failure ?? remove(repository, found.image, imageId);
    if (Array.isArray(outcome)) deleted.push(...outcome);
    else failures.push(outcome);
  }
  return { imageIds: deleted, failures };
});

/** A tag goes alone while the image has others or an index needs it; else the image goes with all of its tags. */
function remove(repository: Repository, image: StoredManifest, imageId: ImageId): ImageId[] | ImageFailure {
  const { digest: imageDigest } = image;
  const { imageTag } = imageId;
  const tags = tagsOf(repository, imageDigest);
  const parent = indexAround(repository, image);
  if (imageTag !== undefined && (tags.length > 1 || parent !== undefined)) {
    repository.imageTags.delete(imageTag);
    return [{ imageDigest, imageTag }];
  }
  if (parent !== undefined) {
    const failureReason = `Requested image referenced by manifest list: [${parent}]`;
    return { imageId, failureCode: "ImageReferencedByManifestList", failureReason };
  }
  deleteImage(repository, imageDigest);
  return tags.length === 0 ? [{ imageDigest }] : tags.map((tag) => ({ imageDigest, imageTag: tag }));
}

/** The digest of an index that has the image as a member. */
function indexAround(repository: Repository, image: StoredManifest): string | undefined {
  for (const candidate of repository.manifests.values()) {
    const document = readManifestDocument(candidate.bytes, candidate.mediaType);
    if (document?.children.includes(image.digest)) return candidate.digest;
  }
  return undefined;
}
