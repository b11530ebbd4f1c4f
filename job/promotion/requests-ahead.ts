import { type Manifest, readManifest } from "../oci/manifest.ts";

/** The most requests to a registry that are got ready for: each may be a connection. */
const mostAhead = 16;

/** Members of an index that is not known yet: images of two platforms, and an attestation of each. */
export const likelyMembers = 4;

/** Blobs of one platform, where they are not known yet: a configuration and a few layers. */
const likelyBlobs = 4;

/**
 * How many requests an image brings to each registry at the same time, as far as its manifest tells.
 *
 * @throws {PromoterError} what {@link readManifest} throws.
 */
export function requestsAhead(manifest: Manifest | undefined): number {
  if (manifest === undefined) return 2 * likelyBlobs;
  const { blobs, manifests } = readManifest(manifest);
  return Math.min(mostAhead, blobs.length + likelyBlobs * manifests.length);
}
