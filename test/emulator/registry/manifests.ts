import { type Digest, digestOf, isDigest } from "../../../job/oci/digest.ts";
import { maxManifestBytes } from "../../../job/oci/manifest.ts";
import { deleteImage } from "../delete-image.ts";
import { EcrException } from "../ecr-exception.ts";
import { pushImage } from "../push-image.ts";
import { errorReply } from "../registry-error.ts";
import { emptyReply, type Reply } from "../reply.ts";
import type { StoredManifest } from "../repository.ts";
import { invalidDigest } from "./blobs.ts";
import { convertFor, type Representation } from "./convert-manifest.ts";
import { contentType, type RegistryCall, readBody } from "./registry-call.ts";

const tagGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests} */
export function readManifest(call: RegistryCall): Reply {
  const { target, context, headers, repository, method } = call;
  const found = findManifest(call);
  if ("refusal" in found) return found.refusal;
  const { manifest } = found;
  if (manifest.status !== "ACTIVE" && context.quirks.has("archived-not-pullable")) {
    throw new EcrException(
      "ImageArchivedException",
      `The image with digest '${manifest.digest}' is archived and has to be restored before it can be pulled`,
    );
  }
  const converts = context.quirks.has("converts-by-accept") && !isDigest(target);
  const shown: Representation = converts ? convertFor(headers.accept, manifest, repository.name) : manifest;
  const { bytes, mediaType } = shown;
  const digest = shown === manifest ? manifest.digest : digestOf(bytes);
  const tellsDigest = method === "HEAD" || !context.quirks.has("get-without-digest");
  if (method === "GET") manifest.lastPulledAt = context.now();
  return {
    status: 200,
    headers: { "content-type": mediaType, ...(tellsDigest && { "docker-content-digest": digest }) },
    body: { length: bytes.length, read: () => [bytes] },
  };
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests} */
export async function putManifest(call: RegistryCall): Promise<Reply> {
  const { target, context, repository, headers, url } = call;
  const byDigest = isDigest(target);
  if (!byDigest && target.includes(":")) return invalidDigest(target);
  const moreTags = url.searchParams.getAll("tag");
  const tags = byDigest ? moreTags : [target, ...moreTags];
  const strange = tags.find((tag) => !tagGrammar.test(tag));
  if (strange !== undefined) return invalidTag(strange);
  const bytes = await readBody(call.body, maxManifestBytes);
  if (bytes === undefined) {
    return errorReply(413, "MANIFEST_INVALID", `A manifest may have at most ${maxManifestBytes} bytes`);
  }
  const { digest, document } = pushImage(
    repository,
    { bytes, mediaType: contentType(headers), tags, ...(byDigest && { digest: target }) },
    {
      quirks: context.quirks,
      now: context.now(),
      subject405: context.options.subject405 ?? false,
    },
  );
  const tellsSubject = context.options.referrersApi !== false || context.quirks.has("oci-subject-always");
  return emptyReply(201, {
    location: `/v2/${repository.name}/manifests/${digest}`,
    "docker-content-digest": digest,
    ...(document.subject !== undefined && tellsSubject && { "oci-subject": document.subject }),
    ...(moreTags.length > 0 && { "oci-tag": moreTags.join(", ") }),
  });
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests} */
export function deleteManifest(call: RegistryCall): Reply {
  const found = findManifest(call);
  if ("refusal" in found) return found.refusal;
  if (isDigest(call.target)) deleteImage(call.repository, call.target);
  else call.repository.imageTags.delete(call.target);
  return emptyReply(202);
}

type Found = { readonly manifest: StoredManifest } | { readonly refusal: Reply };

function findManifest({ target, repository, context }: RegistryCall): Found {
  if (target.includes(":") && !isDigest(target)) return { refusal: invalidDigest(target) };
  if (!isDigest(target) && !tagGrammar.test(target) && context.quirks.has("tag-grammar-400")) {
    return { refusal: invalidTag(target) };
  }
  const digest: Digest | undefined = isDigest(target) ? target : repository.imageTags.get(target);
  const manifest = digest && repository.manifests.get(digest);
  if (manifest !== undefined) return { manifest };
  const refusal = errorReply(404, "MANIFEST_UNKNOWN", `Requested image '${target}' not found`);
  return { refusal };
}

function invalidTag(tag: string): Reply {
  return errorReply(400, "TAG_INVALID", `'${tag}' is not a valid tag`);
}
