import type { Digest } from "../../../job/oci/digest.ts";
import { EcrException } from "../ecr-exception.ts";
import type { Repository, StoredManifest } from "../repository.ts";

/** An image as a request names it: by digest, by tag, or by both, which must then agree. */
export interface ImageId {
  readonly imageDigest?: string | undefined;
  readonly imageTag?: string | undefined;
}

/** Why an image of a batch was left out. */
export interface ImageFailure {
  readonly imageId: ImageId;
  readonly failureCode: string;
  readonly failureReason: string;
}

export type ImageLookup =
  | { readonly image: StoredManifest; readonly failure?: undefined }
  | { readonly failure: ImageFailure };

/** Finds an image, or says why not in the words of a batch's `failures`. */
export function lookUpImage(repository: Repository, imageId: ImageId): ImageLookup {
  const { imageDigest, imageTag } = imageId;
  const fail = (failureCode: string, failureReason: string) => ({
    failure: { imageId, failureCode, failureReason },
  });
  if (imageDigest === undefined && imageTag === undefined) {
    return fail("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null");
  }
  if (imageDigest !== undefined && !/^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/.test(imageDigest)) {
    const pattern = "[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+";
    const reason = `Invalid request parameters: image digest should satisfy the regex '${pattern}'`;
    return fail("InvalidImageDigest", reason);
  }
  const tagged = imageTag === undefined ? undefined : repository.imageTags.get(imageTag);
  if (imageDigest !== undefined && imageTag !== undefined && tagged !== undefined && tagged !== imageDigest) {
    return fail("ImageTagDoesNotMatchDigest", "Requested tag does not match the digest");
  }
  const digest = imageTag === undefined ? imageDigest : tagged;
  const image = digest === undefined ? undefined : repository.manifests.get(digest as Digest);
  return image === undefined ? fail("ImageNotFound", "Requested image not found") : { image };
}

/** @throws {EcrException} `ImageNotFoundException`, as operations on one image answer it. */
export function findImage(repository: Repository, imageId: ImageId): StoredManifest {
  const found = lookUpImage(repository, imageId);
  if (found.failure === undefined) return found.image;
  throw new EcrException(
    "ImageNotFoundException",
    `The image with imageId ${describeImageId(imageId)} does not exist within the repository with name '${repository.name}' in the registry with id '${repository.accountId}'`,
  );
}

/** As ECR writes an image into its messages. */
export function describeImageId({ imageDigest, imageTag }: ImageId): string {
  return `{imageDigest:'${imageDigest ?? "null"}', imageTag:'${imageTag ?? "null"}'}`;
}

/** The tags that lead to an image, in the order in which they were set. */
export function tagsOf(repository: Repository, digest: Digest): string[] {
  return [...repository.imageTags].filter(([, target]) => target === digest).map(([tag]) => tag);
}
