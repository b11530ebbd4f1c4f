import { PromoterError } from "../error.ts";
import type { ContentReader, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import { isIndex, isManifest } from "../oci/media-type.ts";
import { isUnknownPlatform } from "../oci/platform.ts";
import type { GateCandidate } from "../promotion/gate.ts";
import type { ScannedManifest } from "./image-scan.ts";

/** Indexes inside indexes: builders make two levels at the most. */
const maxDepth = 8;

/**
 * The manifests of an image that scanners look into: an index has no scan of its own, its platforms have; attestations
 * of a build hold nothing that could run.
 *
 * @throws {PromoterError} `ScanUnavailable` when that leaves nothing.
 */
export async function scannedManifests(
  { from, root }: Pick<GateCandidate, "from" | "root">,
  waiting: Waiting = {},
): Promise<readonly ScannedManifest[]> {
  const digests = new Set<Digest>();
  const { descriptor } = root.manifest;
  await collect(descriptor, isIndex(descriptor.mediaType) ? root.members : undefined, {
    from,
    digests,
    waiting,
  });
  if (digests.size === 0) throw nothingToScan(descriptor, from, "its index names no platform");
  const { host, repository } = from;
  return [...digests].map((digest) => ({ host, repository, digest }));
}

interface Collection {
  readonly from: ContentReader;
  readonly digests: Set<Digest>;
  readonly waiting: Waiting;
}

async function collect(
  descriptor: Descriptor,
  known: readonly Descriptor[] | undefined,
  collection: Collection,
  depth = 0,
): Promise<void> {
  if (!isIndex(descriptor.mediaType)) {
    collection.digests.add(descriptor.digest);
    return;
  }
  if (depth > maxDepth) throw nothingToScan(descriptor, collection.from, "its indexes do not end");
  for (const member of known ?? (await membersOf(descriptor, collection))) {
    if (isManifest(member.mediaType) && !isBuildAttestation(member)) {
      await collect(member, undefined, collection, depth + 1);
    }
  }
}

async function membersOf(
  { digest }: Descriptor,
  { from, waiting }: Collection,
): Promise<readonly Descriptor[]> {
  const manifest = await from.fetchManifest(digest, waiting);
  return manifest === undefined ? [] : readManifest(manifest).manifests;
}

/** Both marks of BuildKit's: something that could run must not get past a scan for want of a platform. */
function isBuildAttestation({ platform, annotations }: Descriptor): boolean {
  const isMarked = annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
  return isMarked && platform !== undefined && isUnknownPlatform(platform);
}

function nothingToScan(
  { digest }: Descriptor,
  { host, repository }: ContentReader,
  why: string,
): PromoterError {
  return new PromoterError(
    "ScanUnavailable",
    `There is nothing to scan in ${host}/${repository}@${digest}: ${why}`,
    {
      hint: "Check what the image is; what cannot be scanned needs a promotion without the scan gate",
    },
  );
}
