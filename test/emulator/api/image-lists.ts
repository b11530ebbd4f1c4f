import { z } from "zod";
import { isObject } from "../../../job/oci/descriptor.ts";
import { isIndex } from "../../../job/oci/media-type.ts";
import { parseObject, readManifestDocument } from "../manifest-document.ts";
import type { Repository, StoredManifest } from "../repository.ts";
import { openRepository } from "./access.ts";
import { findImage, tagsOf } from "./image-ids.ts";
import { imageIds, paging, repositoryInput } from "./input.ts";
import { epochSeconds, invalidParameter, operation } from "./operation.ts";
import { pageOf } from "./page.ts";
import { summarizeScan } from "./stored-scan.ts";

const filter = z
  .object({
    tagStatus: z.enum(["TAGGED", "UNTAGGED", "ANY"]).optional(),
    imageStatus: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"]).optional(),
  })
  .optional();

export const describeImages = operation(
  repositoryInput.extend({ ...paging, imageIds: imageIds.optional(), filter }),
  (input, request) => {
    const repository = openRepository(request, input);
    if (input.imageIds !== undefined) {
      if (input.nextToken !== undefined || input.maxResults !== undefined) {
        throw invalidParameter("maxResults", "cannot be specified together with imageIds");
      }
      const named = new Set(input.imageIds.map((imageId) => findImage(repository, imageId)));
      return { imageDetails: [...named].map((image) => describeDetail(repository, image)) };
    }
    const { members, next } = pageOf(filterImages(repository, input.filter), input);
    return { imageDetails: members.map((image) => describeDetail(repository, image)), ...next };
  },
);

export const listImages = operation(repositoryInput.extend({ ...paging, filter }), (input, request) => {
  const repository = openRepository(request, input);
  const all = filterImages(repository, input.filter).flatMap(({ digest: imageDigest }) => {
    const tags = tagsOf(repository, imageDigest);
    return tags.length === 0 ? [{ imageDigest }] : tags.map((imageTag) => ({ imageDigest, imageTag }));
  });
  const { members, next } = pageOf(all, input);
  return { imageIds: members, ...next };
});

/** Archived images are told only to who asks for them. */
function filterImages(
  repository: Repository,
  { tagStatus = "ANY", imageStatus = "ACTIVE" }: NonNullable<z.output<typeof filter>> = {},
): StoredManifest[] {
  const tagged = new Set(repository.imageTags.values());
  return [...repository.manifests.values()].filter((image) => {
    if (imageStatus !== "ANY" && image.status !== imageStatus) return false;
    return tagStatus === "ANY" || tagged.has(image.digest) === (tagStatus === "TAGGED");
  });
}

function describeDetail(repository: Repository, image: StoredManifest): object {
  const { lastPulledAt, lastArchivedAt, lastActivatedAt } = image;
  const document = readManifestDocument(image.bytes, image.mediaType);
  const tags = tagsOf(repository, image.digest);
  return {
    registryId: repository.accountId,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(tags.length > 0 && { imageTags: tags }),
    imageSizeInBytes: sizeOf(repository, image),
    imagePushedAt: epochSeconds(image.pushedAt),
    ...summarizeScan(image),
    imageManifestMediaType: image.mediaType,
    artifactMediaType: artifactMediaType(image),
    ...(lastPulledAt !== undefined && { lastRecordedPullTime: epochSeconds(lastPulledAt) }),
    ...(document?.subject !== undefined && { subjectManifestDigest: document.subject }),
    imageStatus: image.status,
    ...(lastArchivedAt !== undefined && { lastArchivedAt: epochSeconds(lastArchivedAt) }),
    ...(lastActivatedAt !== undefined && { lastActivatedAt: epochSeconds(lastActivatedAt) }),
  };
}

/** Bytes of an image's layers and config; of an index, those of its largest member. */
function sizeOf(repository: Repository, image: StoredManifest): number {
  const { blobs = [], children = [] } = readManifestDocument(image.bytes, image.mediaType) ?? {};
  if (isIndex(image.mediaType)) {
    const members = children.flatMap((child) => repository.manifests.get(child) ?? []);
    return Math.max(image.bytes.length, ...members.map((member) => sizeOf(repository, member)));
  }
  return blobs.reduce((sum, digest) => sum + (repository.blobs.get(digest)?.size ?? 0), 0);
}

/** Of an artifact its type, of an image its config's media type. */
function artifactMediaType(image: StoredManifest): string | undefined {
  const { artifactType, config } = parseObject(image.bytes) ?? {};
  if (typeof artifactType === "string") return artifactType;
  return isObject(config) && typeof config.mediaType === "string" ? config.mediaType : undefined;
}
