import { isDigest } from "../../../job/oci/digest.ts";
import { mediaTypes } from "../../../job/oci/media-type.ts";
import { documentOf } from "../manifest-document.ts";
import { errorReply } from "../registry-error.ts";
import { jsonReply, type Reply } from "../reply.ts";
import type { StoredManifest } from "../repository.ts";
import { invalidDigest } from "./blobs.ts";
import { readPage } from "./pages.ts";
import type { RegistryCall } from "./registry-call.ts";

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers} */
export function listReferrers(call: RegistryCall): Reply {
  const { context, repository, target, url } = call;
  if (context.options.referrersApi === false) {
    return errorReply(404, "UNSUPPORTED", "The referrers API is not there");
  }
  if (!isDigest(target)) return invalidDigest(target);
  const filter = url.searchParams.get("artifactType");
  const descriptors = new Map(
    [...repository.manifests.values()]
      .flatMap((manifest) => describeReferrer(manifest, target) ?? [])
      .filter(({ artifactType }) => filter === null || artifactType === filter)
      .map((descriptor) => [descriptor.digest, descriptor]),
  );
  const page = readPage(call, descriptors.keys());
  if ("status" in page) return page;
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: page.names.map((digest) => descriptors.get(digest)),
  };
  return jsonReply(200, index, {
    ...page.headers,
    "content-type": mediaTypes.ociIndex,
    ...(filter !== null && { "oci-filters-applied": "artifactType" }),
  });
}

interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

function describeReferrer(manifest: StoredManifest, subject: string): ReferrerDescriptor | undefined {
  const { mediaType, digest, bytes } = manifest;
  const { subject: found, artifactType, annotations } = documentOf(manifest);
  if (found !== subject) return undefined;
  return {
    mediaType,
    digest,
    size: bytes.length,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations !== undefined && { annotations }),
  };
}
