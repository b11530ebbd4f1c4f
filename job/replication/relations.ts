import type { Digest } from "../oci/digest.ts";
import type { HeldImage } from "./catalog.ts";

type Links = ReadonlyMap<Digest, ReadonlySet<Digest>>;

/** How the images of a repository hang together. */
export interface Relations {
  /** The members of an index. */
  readonly members: Links;
  /** The indexes that an image is a member of. */
  readonly parents: Links;
  /** What is attached to an image: by its subject, or by a tag that is named for the image's digest. */
  readonly attached: Links;
  /** What an image is attached to. */
  readonly subjects: Links;
}

/** What the manifest of an image says of others. */
export interface ManifestRelations {
  readonly members: readonly Digest[];
  /** Those of the members that are indexes themselves. */
  readonly indexes?: readonly Digest[];
  readonly subject?: Digest;
}

export interface RelatedImages {
  readonly images: readonly HeldImage[];
  /** What indexes are made of, and what artifacts are attached to, as their manifests say. */
  readonly contents: ReadonlyMap<Digest, ManifestRelations>;
}

export function relationsOf({ images, contents }: RelatedImages): Relations {
  const members = new Map<Digest, Set<Digest>>();
  const parents = new Map<Digest, Set<Digest>>();
  const attached = new Map<Digest, Set<Digest>>();
  const subjects = new Map<Digest, Set<Digest>>();
  const attach = (digest: Digest, subject: Digest) => {
    link(attached, subject, digest);
    link(subjects, digest, subject);
  };
  for (const [digest, content] of contents) {
    for (const member of content.members) {
      link(members, digest, member);
      link(parents, member, digest);
    }
    if (content.subject !== undefined) attach(digest, content.subject);
  }
  for (const { digest, tags, subject } of images) {
    if (subject !== undefined) attach(digest, subject);
    for (const named of tags.flatMap(digestInTag)) if (named !== digest) attach(digest, named);
  }
  return { members, parents, attached, subjects };
}

/** Some images with all of their members, and everything that is attached to any of these. */
export function keptWith(
  digests: readonly Digest[],
  { members, attached }: Pick<Relations, "members" | "attached">,
): ReadonlySet<Digest> {
  const kept = new Set<Digest>();
  const waiting = [...digests];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    if (kept.has(digest)) continue;
    kept.add(digest);
    waiting.push(...(members.get(digest) ?? []), ...(attached.get(digest) ?? []));
  }
  return kept;
}

/** The digest that a referrers tag, or a tag of cosign's, is named for. */
function digestInTag(tag: string): Digest[] {
  const [, algorithm, hex] = /^(sha256|sha512)-([0-9a-f]{64,128})/.exec(tag) ?? [];
  return algorithm === undefined ? [] : [`${algorithm}:${hex}` as Digest];
}

function link(links: Map<Digest, Set<Digest>>, from: Digest, to: Digest): void {
  const known = links.get(from) ?? new Set();
  links.set(from, known.add(to));
}
