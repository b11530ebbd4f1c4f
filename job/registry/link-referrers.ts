import { backoffMs } from "../async/retry.ts";
import { hasCode, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { referrersTag } from "../oci/referrers-tag.ts";
import { fetchManifest, pushManifest } from "./manifests.ts";
import { askReferrersApi, listReferrers } from "./referrers.ts";
import type { ReferrersApi } from "./referrers-api.ts";
import { extendReferrersIndex } from "./referrers-index.ts";
import type { RepositoryAccess } from "./repository-access.ts";

export interface LinkReferrersOptions extends Waiting {
  readonly api: ReferrersApi;
  /** Manifests with a subject whose push the registry did not acknowledge: its API may not list them. */
  readonly unacknowledged: ReadonlySet<Digest>;
}

/**
 * Sees that the given manifests are listed as referrers of `subject`. A registry with the referrers API does that by
 * itself; elsewhere the index under the referrers tag is extended, and read again, since another writer may have
 * replaced it in the same moment.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject}
 *
 * @throws {PromoterError} `ReferrersIncomplete` when other writers keep winning; `TagImmutable` where the referrers
 * tag must not move; what the registry says.
 */
export async function linkReferrers(
  access: RepositoryAccess,
  subject: Digest,
  referrers: readonly Descriptor[],
  options: LinkReferrersOptions,
): Promise<void> {
  const { api, unacknowledged, ...waiting } = options;
  if (referrers.length === 0) return;
  let missing = referrers;
  if ((await askReferrersApi(access, api, subject, waiting)) !== undefined) {
    const doubtful = referrers.filter(({ digest }) => unacknowledged.has(digest));
    missing = await unlisted(access, api, subject, doubtful, waiting);
  }
  if (missing.length > 0) await extendTaggedIndex(access, subject, missing, waiting);
}

async function unlisted(
  access: RepositoryAccess,
  api: ReferrersApi,
  subject: Digest,
  doubtful: readonly Descriptor[],
  options: Waiting,
): Promise<readonly Descriptor[]> {
  if (doubtful.length === 0) return [];
  const listed = new Set<Digest>();
  for await (const { digest } of listReferrers(access, api, subject, options)) listed.add(digest);
  return doubtful.filter(({ digest }) => !listed.has(digest));
}

async function extendTaggedIndex(
  access: RepositoryAccess,
  subject: Digest,
  referrers: readonly Descriptor[],
  options: Waiting,
): Promise<void> {
  const tag = referrersTag(subject);
  const { attempts } = access.retry;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    // The second look is also the proof: it finds nothing missing any more.
    const extended = extendReferrersIndex(await fetchManifest(access, tag, options), referrers);
    if (extended === undefined) return;
    if (attempt > 1) {
      const waitMs = backoffMs(attempt - 1, { ...access.retry, clock: access.clock });
      await access.clock.sleep(waitMs, options.signal);
    }
    await pushIndex(access, extended, tag, options);
  }
  if (extendReferrersIndex(await fetchManifest(access, tag, options), referrers) === undefined) return;
  throw new PromoterError(
    "ReferrersIncomplete",
    `Cannot list the referrers of ${subject} at ${access.host}/${access.repository}: another writer replaced the index under ${tag} ${attempts} times`,
    { temporary: true, hint: "Run again when nothing else signs or copies this image" },
  );
}

async function pushIndex(
  access: RepositoryAccess,
  index: Manifest,
  tag: string,
  options: Waiting,
): Promise<void> {
  try {
    await pushManifest(access, index, tag, options);
  } catch (error) {
    if (!hasCode(error, "TagImmutable")) throw error;
    throw new PromoterError("TagImmutable", error.message, {
      cause: error,
      ...(error.request !== undefined && { request: error.request }),
      ...(error.status !== undefined && { status: error.status }),
      hint: `Exclude sha256-* from the immutability of ${access.repository}: under such tags lie lists of signatures, and they grow`,
    });
  }
}
