import type { Digest } from "../oci/digest.ts";
import type { HeldImage } from "./catalog.ts";
import { keptWith, type RelatedImages, type Relations, relationsOf } from "./relations.ts";
import { isCompanionTag } from "./rule.ts";

/** What is known of a destination repository when it is decided what goes. */
export interface Holding extends RelatedImages {
  /** Whether a tag is one that rules decide about. */
  readonly isGoverned: (tag: string) => boolean;
  /** Why a tag stays, when rules want it or somebody wants it kept. */
  readonly whyKept: (tag: string) => string | undefined;
  /** Who uses a tag or a digest. */
  readonly usedBy: ReadonlyMap<string, string>;
}

/** An image that goes, or that would go but for the reason. */
export interface Judged {
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly reason: string;
}

export interface Removals {
  /** What goes, in this order: an index before its members, an image before what is attached to it. */
  readonly waves: readonly (readonly Judged[])[];
  /** What rules no longer want, and stays all the same. */
  readonly spared: readonly Judged[];
}

/**
 * Decides what of a repository goes: images of which every tag is one that rules decide about and no longer want, with
 * those of their members and referrers that nothing else has. Whatever is wanted, kept, used or archived stays whole:
 * its members, what is attached to it, and every index that a used image is a member of. Untagged images that belong to
 * nothing that goes stay as well.
 */
export function chooseRemovals(holding: Holding): Removals {
  const { images } = holding;
  const relations = relationsOf(holding);
  const used = usedWithParents(holding, relations);
  const reasons = new Map(images.map((image) => [image.digest, reasonToStay(image, holding, used)]));
  const candidates = images.filter((image) => isTagged(image) && reasons.get(image.digest) === undefined);
  const reach = keptWith(
    candidates.map(({ digest }) => digest),
    relations,
  );
  const roots = images.filter(({ digest }) => reasons.get(digest) !== undefined || !reach.has(digest));
  // What is used need not be listed itself.
  const kept = keptWith([...roots.map(({ digest }) => digest), ...used.keys()], relations);
  const goes = images.filter(({ digest }) => reach.has(digest) && !kept.has(digest));
  const isCandidate = new Set(candidates);
  const waves = inWaves(goes, relations).map((wave) =>
    wave.map((image) => judged(image, isCandidate.has(image) ? unwanted : companion)),
  );
  const spared = images.flatMap((image) => {
    const isUnwanted = isTagged(image) && image.tags.every((tag) => isLeft(tag, holding));
    if (!isUnwanted || goes.includes(image)) return [];
    return [judged(image, reasons.get(image.digest) ?? "Belongs to an image that stays")];
  });
  return { waves, spared };
}

const unwanted = "No rule wants it any more";
const companion = "Belongs to an image that goes";

function judged({ digest, tags }: HeldImage, reason: string): Judged {
  return { digest, tags, reason };
}

/** Rules decide about it, and do not want it. */
function isLeft(tag: string, { isGoverned, whyKept }: Holding): boolean {
  return isCompanionTag(tag) || (isGoverned(tag) && whyKept(tag) === undefined);
}

/** True for an image with a tag of its own, which leads to nothing but itself. */
function isTagged({ tags }: HeldImage): boolean {
  return tags.some((tag) => !isCompanionTag(tag));
}

function reasonToStay(
  image: HeldImage,
  { isGoverned, whyKept }: Holding,
  used: ReadonlyMap<Digest, string>,
): string | undefined {
  const own = image.tags.filter((tag) => !isCompanionTag(tag));
  const free = own.find((tag) => !isGoverned(tag));
  const user = used.get(image.digest);
  if (user !== undefined) return `Used by ${user}`;
  if (image.archived) return "It is archived";
  const wanted = own.map(whyKept).find((reason) => reason !== undefined);
  return wanted ?? (free === undefined ? undefined : `No rule is about its tag ${free}`);
}

/** Images that are used, by digest or tag, and the indexes that they are members of. */
function usedWithParents({ images, usedBy }: Holding, { parents }: Relations): ReadonlyMap<Digest, string> {
  const used = new Map<Digest, string>();
  const waiting: [Digest, string][] = [...usedBy].flatMap(([target, user]): [Digest, string][] => {
    const tagged = images.find(({ digest, tags }) => digest === target || tags.includes(target));
    // A member of an index need not be listed itself.
    return [[(tagged?.digest ?? target) as Digest, user]];
  });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [digest, user] = next;
    if (used.has(digest)) continue;
    used.set(digest, user);
    for (const parent of parents.get(digest) ?? []) waiting.push([parent, user]);
  }
  return used;
}

/** Each image after those that it is a member of, or attached to. */
function inWaves(images: readonly HeldImage[], { parents, subjects }: Relations): HeldImage[][] {
  const going = new Set(images.map(({ digest }) => digest));
  const waves: HeldImage[][] = [];
  let left = images;
  while (left.length > 0) {
    const before = (digest: Digest) => [...(parents.get(digest) ?? []), ...(subjects.get(digest) ?? [])];
    const free = left.filter(({ digest }) => !before(digest).some((other) => going.has(other)));
    // Tags can name each other's digests in a circle, which content cannot.
    const wave = free.length > 0 ? free : left;
    waves.push([...wave]);
    for (const { digest } of wave) going.delete(digest);
    left = left.filter(({ digest }) => going.has(digest));
  }
  return waves;
}
