import { mapConcurrent } from "../async/map-concurrent.ts";
import type { Reference } from "../oci/reference.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import type { Catalog, HeldImage } from "./catalog.ts";
import type { RuledRepository } from "./find-images.ts";
import { readRelations } from "./read-relations.ts";
import type { ManifestRelations } from "./relations.ts";
import { chooseRemovals, type Removals } from "./removals.ts";
import { isCompanionTag, tagAdmitted } from "./rule.ts";

/** What is never removed: tags that match both, where both are given. */
export interface Keeping {
  readonly repositories?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** An image that somebody uses, and who. */
export interface UsedImage {
  readonly reference: Reference;
  readonly user: string;
}

export interface Pruning {
  readonly catalog: Pick<Catalog, "images">;
  readonly keep: readonly Keeping[];
  readonly used: readonly UsedImage[];
  /** What manifests say never changes: read once, also when a plan is made anew. */
  readonly contents: Map<string, ManifestRelations>;
}

/** What of one repository goes. */
export interface PrunePlan extends Removals {
  readonly destination: Reference;
  /** How many of its images have a tag of their own. */
  readonly taggedImages: number;
}

/**
 * Decides what of the destination goes: of each repository whose source was listed, images whose tags are all such as
 * rules decide about, by their patterns and expressions, and not among those that rules want, limits left aside.
 * Removes nothing.
 *
 * @throws {PromoterError} what a registry says that cannot be asked: nothing may be removed then.
 */
export async function planPrune(
  repositories: readonly RuledRepository[],
  pruning: Pruning,
  context: PromotionContext,
): Promise<readonly PrunePlan[]> {
  const unknown = repositories.find(({ error }) => error !== undefined)?.error;
  if (unknown !== undefined) throw unknown;
  return mapConcurrent(repositories, context.limit.size, (repository) =>
    planRepository(repository, pruning, context),
  );
}

async function planRepository(
  repository: RuledRepository,
  pruning: Pruning,
  context: PromotionContext,
): Promise<PrunePlan> {
  const { destination, name, rules } = repository;
  const images =
    (await limited(context, "destination", (waiting) => pruning.catalog.images(destination, waiting))) ?? [];
  const wanted = new Map(
    repository.images.map(({ wanted, rule }) => [wanted.destination.tag, `The rule ${rule.name} wants it`]),
  );
  const isKept = keeperOf(name, pruning.keep);
  const whyKept = (tag: string) => wanted.get(tag) ?? (isKept(tag) ? "sync.keep says so" : undefined);
  const isGoverned = (tag: string) => rules.some((rule) => tagAdmitted(familyOf(rule.tags), tag));
  const usedBy = usersOf(destination, pruning.used);
  const isUnwanted = ({ tags }: HeldImage) =>
    tags.some((tag) => isGoverned(tag) && whyKept(tag) === undefined);
  const taggedImages = images.filter(({ tags }) => tags.some((tag) => !isCompanionTag(tag))).length;
  if (repository.hasOtherWays || !images.some(isUnwanted))
    return { destination, taggedImages, waves: [], spared: [] };
  const contents = await readRelations(
    { destination, images, isUnwanted, used: usedBy.keys(), known: pruning.contents },
    context,
  );
  return {
    destination,
    taggedImages,
    ...chooseRemovals({ images, contents, isGoverned, whyKept, usedBy }),
  };
}

/** The tags that a rule decides about: of a range of versions, all versions, so that what left the range can go. */
function familyOf({ versions, ...tags }: RuledRepository["rules"][number]["tags"]) {
  return versions === undefined ? tags : { ...tags, versions: versions.family };
}

function keeperOf(repository: string, keep: readonly Keeping[]): (tag: string) => boolean {
  const matches = (patterns: readonly string[] | undefined, text: string) =>
    patterns?.some((pattern) => matchesWildcard(pattern, text)) ?? true;
  const here = keep.filter(({ repositories }) => matches(repositories, repository));
  return (tag) => here.some(({ tags }) => matches(tags, tag));
}

function usersOf(destination: Reference, used: readonly UsedImage[]): ReadonlyMap<string, string> {
  const targets = used
    .filter(
      ({ reference }) =>
        reference.host === destination.host && reference.repository === destination.repository,
    )
    .flatMap(({ reference: { tag, digest }, user }) =>
      [tag, digest].flatMap((target) => (target === undefined ? [] : [[target, user] as const])),
    );
  return new Map(targets);
}
