import { PromoterError } from "../error.ts";
import { repositoryOf } from "../promotion/route.ts";
import { type OfferedTag, runsOnAll } from "./offered-tag.ts";
import type { TagRegistry } from "./tag-registry.ts";

/** Images that are looked at together. */
const batchSize = 16;

interface Candidate {
  readonly offer: OfferedTag;
  /** Its place among all, which decides between images of the same age. */
  readonly rank: number;
}

interface Build extends Candidate {
  readonly created?: number;
}

/**
 * The tag of the image that was built last; of several with the same age, the one that comes first. Where the registry
 * tells when images were pushed, those that were pushed before the newest was built are not looked at.
 *
 * @throws {PromoterError} `Unsupported` when no image says when it was built.
 */
export async function newestBuild(
  offers: readonly OfferedTag[],
  platforms: readonly string[],
  registry: TagRegistry,
): Promise<OfferedTag | undefined> {
  const candidates = offers
    .map((offer, rank) => ({ offer, rank }))
    .sort((a, b) => pushedAt(b.offer) - pushedAt(a.offer) || a.rank - b.rank);
  let newest: Build | undefined;
  for (let start = 0; start < candidates.length; start += batchSize) {
    const batch = candidates.slice(start, start + batchSize);
    const [first] = batch;
    // Nothing is built after it was pushed.
    if (first !== undefined && pushedAt(first.offer) < (newest?.created ?? 0)) break;
    const builds = await Promise.all(batch.map((candidate) => buildOf(candidate, platforms, registry)));
    for (const build of builds.flat()) {
      if (newest === undefined || isNewer(build, newest)) newest = build;
    }
  }
  if (newest !== undefined && newest.created === undefined) throw untold(newest.offer);
  return newest?.offer;
}

function isNewer(build: Build, than: Build): boolean {
  const { created = 0 } = build;
  const { created: other = 0 } = than;
  return created > other || (created === other && build.rank < than.rank);
}

/** Empty for what was removed meanwhile, or does not run where it has to. */
async function buildOf(
  { offer, rank }: Candidate,
  platforms: readonly string[],
  registry: TagRegistry,
): Promise<readonly Build[]> {
  const digest = offer.digest ?? (await registry.digest(offer.repository, offer.tag));
  if (digest === undefined) return [];
  const facts = await registry.facts(offer.repository, digest, platforms[0]);
  if (!runsOnAll(facts, platforms)) return [];
  const { created } = facts;
  return [{ offer: { ...offer, digest }, rank, ...(created !== undefined && { created }) }];
}

/** Without a time of push, an image may be newer than any. */
function pushedAt(offer: OfferedTag): number {
  return offer.pushedAt ?? Number.MAX_SAFE_INTEGER;
}

function untold({ repository }: OfferedTag): PromoterError {
  return new PromoterError("Unsupported", `No image of ${repositoryOf(repository)} says when it was built`, {
    hint: "Choose another strategy, semver, alphabetical or numerical: reproducible builds tell no time",
  });
}
