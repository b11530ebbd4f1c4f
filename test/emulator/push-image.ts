import { algorithmOf, type Digest, digestOf } from "../../job/oci/digest.ts";
import { EcrException } from "./ecr-exception.ts";
import { type ManifestDocument, readManifestDocument } from "./manifest-document.ts";
import type { QuirkName } from "./quirks.ts";
import { isImmutableTag, type Repository } from "./repository.ts";

export interface PushImageRequest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Tags to put on it; none when it is pushed by digest. */
  readonly tags?: readonly string[];
  /** The digest that the caller expects. */
  readonly digest?: Digest;
}

export interface PushImageRules {
  readonly quirks: ReadonlySet<QuirkName>;
  readonly now: number;
  /** Refuses manifests with a `subject`. */
  readonly subject405?: boolean;
}

export interface PushedImage {
  readonly digest: Digest;
  readonly document: ManifestDocument;
  /** Whether digest and tags were there before. */
  readonly existed: boolean;
}

/**
 * Puts a manifest into a repository, for the registry protocol and for PutImage alike.
 *
 * @throws {EcrException} `UnsupportedManifestException` for what ECR does not take, `InvalidParameterException` when
 * it is malformed, `ImageDigestDoesNotMatchException`, `ReferencedImagesNotFoundException`,
 * `LayersNotFoundException`, `ImageTagAlreadyExistsException`.
 */
export function pushImage(
  repository: Repository,
  request: PushImageRequest,
  rules: PushImageRules,
): PushedImage {
  const { bytes, mediaType, tags = [] } = request;
  const document = readDocument(request, rules);
  const digest = digestOf(bytes, request.digest === undefined ? "sha256" : algorithmOf(request.digest));
  if (request.digest !== undefined && request.digest !== digest) {
    throw new EcrException(
      "ImageDigestDoesNotMatchException",
      `The provided digest '${request.digest}' does not match the digest of the image manifest, '${digest}'`,
    );
  }
  checkContent(repository, document, rules);
  for (const tag of tags) checkTag(repository, tag, digest, rules);
  const existed =
    repository.manifests.has(digest) && tags.every((tag) => repository.imageTags.get(tag) === digest);
  if (!repository.manifests.has(digest)) {
    repository.manifests.set(digest, { digest, bytes, mediaType, pushedAt: rules.now, status: "ACTIVE" });
  }
  for (const tag of tags) repository.imageTags.set(tag, digest);
  return { digest, document, existed };
}

function readDocument(request: PushImageRequest, rules: PushImageRules): ManifestDocument {
  const { bytes, mediaType } = request;
  const document = readManifestDocument(bytes, mediaType);
  const isStrange = document === undefined || !document.isKnown;
  if (isStrange && rules.quirks.has("unknown-manifest-405")) {
    throw new EcrException("UnsupportedManifestException", "Invalid JSON syntax");
  }
  if (document === undefined) {
    throw new EcrException("InvalidParameterException", `The document is no valid ${mediaType}`);
  }
  if (document.subject !== undefined && rules.subject405 === true) {
    throw new EcrException("UnsupportedManifestException", "Invalid parameter at 'imageManifest': subject");
  }
  const isImage = document.isKnown && !document.isIndex;
  if (isImage && document.layerCount === 0 && rules.quirks.has("layerless-image-405")) {
    throw new EcrException("UnsupportedManifestException", "Image has to have at least 1 layer");
  }
  return document;
}

/** A subject may come later; children and blobs may not. */
function checkContent(repository: Repository, document: ManifestDocument, { quirks }: PushImageRules): void {
  const where =
    `required for pushing image into repository with name '${repository.name}' ` +
    `in the registry with id '${repository.accountId}' do not exist`;
  const children = document.children.filter((child) => !repository.manifests.has(child));
  if (children.length > 0 && quirks.has("missing-children-refused")) {
    const message = `Images with digests '[${children.join(", ")}]' ${where}`;
    throw new EcrException("ReferencedImagesNotFoundException", message);
  }
  const blobs = document.blobs.filter((blob) => !repository.blobs.has(blob));
  if (blobs.length > 0 && quirks.has("missing-blobs-refused")) {
    throw new EcrException("LayersNotFoundException", `Layers with digests '[${blobs.join(", ")}]' ${where}`);
  }
}

function checkTag(repository: Repository, tag: string, digest: Digest, { quirks }: PushImageRules): void {
  const current = repository.imageTags.get(tag);
  if (current === undefined || !isImmutableTag(repository, tag)) return;
  if (current === digest && !quirks.has("immutable-same-digest")) return;
  throw new EcrException(
    "ImageTagAlreadyExistsException",
    `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten ` +
      "because the tag is immutable.",
  );
}
