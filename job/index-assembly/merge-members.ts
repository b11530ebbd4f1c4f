import { PromoterError } from "../error.ts";
import { type IndexMember, isImage, subjectOf } from "./member.ts";
import { describePlatform, platformIdentity } from "./platform.ts";

export interface MergedMembers {
  readonly members: readonly IndexMember[];
  readonly warnings: readonly string[];
}

/**
 * Puts the members of several sources together. What is there twice by its digest is one; of a platform there is one
 * image; attestations stay with their image and go with it.
 *
 * @param groups the members of each source, in the order in which the sources were named.
 * @throws {PromoterError} `InvalidInput` when two images have one platform, unless the later one may `replace`.
 */
export function mergeMembers(
  groups: readonly (readonly IndexMember[])[],
  { replace }: { readonly replace: boolean },
): MergedMembers {
  const byDigest = new Map<string, IndexMember>();
  for (const member of groups.flat()) {
    const known = byDigest.get(member.digest);
    byDigest.set(member.digest, known === undefined ? member : reconciled(known, member, replace));
  }
  const all = [...byDigest.values()];
  const kept = [
    ...onePerPlatform(all.filter(isImage), replace),
    ...all.filter((member) => !isImage(member) && subjectOf(member) === undefined),
  ];
  const subjects = new Set<string>(kept.map(({ digest }) => digest));
  const attestations = all.filter((member) => subjectOf(member) !== undefined);
  const speaks = (member: IndexMember) => subjects.has(subjectOf(member) ?? "");
  // That an attestation goes with an image that was replaced is what was asked for.
  const strays = attestations.filter((member) => !speaks(member) && !byDigest.has(subjectOf(member) ?? ""));
  return { members: [...kept, ...attestations.filter(speaks)], warnings: strays.map(strayWarning) };
}

/** One digest under two descriptions. Annotations add up; a platform that contradicts itself is nobody's to choose. */
function reconciled(known: IndexMember, member: IndexMember, replace: boolean): IndexMember {
  const one = known.platform && platformIdentity(known.platform);
  const other = member.platform && platformIdentity(member.platform);
  if (one !== undefined && other !== undefined && one !== other && !replace)
    throw contradiction(known, member);
  const annotations = { ...known.annotations, ...member.annotations };
  const clashing = Object.entries(known.annotations ?? {}).find(
    ([name, value]) => annotations[name] !== value,
  );
  if (clashing !== undefined && !replace) throw contradiction(known, member);
  const platform = replace ? (member.platform ?? known.platform) : fuller(known.platform, member.platform);
  return {
    ...known,
    ...member,
    ...(platform && { platform }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

/** Of two spellings of one platform that which says more, so that the order in which they come does not matter. */
function fuller(one: IndexMember["platform"], other: IndexMember["platform"]): IndexMember["platform"] {
  if (one === undefined || other === undefined) return one ?? other;
  return describePlatform(one) < describePlatform(other) ? other : one;
}

function onePerPlatform(members: readonly IndexMember[], replace: boolean): readonly IndexMember[] {
  const byPlatform = new Map<string, IndexMember>();
  for (const member of members) {
    if (member.platform === undefined || !isImage(member)) continue;
    const identity = platformIdentity(member.platform);
    const known = byPlatform.get(identity);
    if (known !== undefined && !replace) throw duplicate(known, member);
    byPlatform.set(identity, member);
  }
  return [...byPlatform.values()];
}

function strayWarning(member: IndexMember): string {
  return `Left out the attestation ${member.digest} of ${member.source}: the image that it speaks of is not there`;
}

function duplicate(one: IndexMember, other: IndexMember): PromoterError {
  const platform = one.platform === undefined ? "" : ` ${describePlatform(one.platform)}`;
  return new PromoterError(
    "InvalidInput",
    `Two images run on${platform}: ${nameOf(one)} and ${nameOf(other)}`,
    { hint: "Leave one of them out, or take the later one with --replace" },
  );
}

function contradiction(one: IndexMember, other: IndexMember): PromoterError {
  return new PromoterError(
    "InvalidInput",
    `${nameOf(one)} and ${nameOf(other)} are the same image, described differently`,
    { hint: "Name it once, or take the later description with --replace" },
  );
}

/** The reference, with the digest where that does not name it already. */
function nameOf({ source, digest }: IndexMember): string {
  return source.endsWith(digest) ? source : `${source} (${digest})`;
}
