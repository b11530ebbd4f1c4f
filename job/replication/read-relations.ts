import { mapConcurrent } from "../async/map-concurrent.ts";
import { PromoterError } from "../error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import { isIndex } from "../oci/media-type.ts";
import type { Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import type { HeldImage } from "./catalog.ts";
import type { ManifestRelations } from "./relations.ts";

export interface ReadingRelations {
  readonly destination: Reference;
  readonly images: readonly HeldImage[];
  /** Whether an image may go, so that it matters what it is attached to. */
  readonly isUnwanted: (image: HeldImage) => boolean;
  /** Tags and digests that somebody uses, whether they are listed or not. */
  readonly used: Iterable<string>;
  /** What manifests say never changes: read once, also when a plan is made anew. */
  readonly known: Map<string, ManifestRelations>;
}

/**
 * Reads what indexes hold, and what the manifests that may go are attached to, where the list does not tell. Registries
 * other than ECR list tags alone: indexes that are used by their digest, or that lie inside others, are read as well.
 *
 * @throws {PromoterError} `ManifestUnknown`, temporary, when what was listed is not there; what the registry says.
 */
export async function readRelations(
  reading: ReadingRelations,
  context: PromotionContext,
): Promise<ReadonlyMap<Digest, ManifestRelations>> {
  const { images, isUnwanted, used } = reading;
  const listed = new Set<string>(images.map(({ digest }) => digest));
  const found = new Map<Digest, ManifestRelations>();
  const read = (digests: readonly Digest[]) =>
    mapConcurrent(digests, context.limit.size, async (digest) => {
      const relations = await relationsAt(digest, reading, context);
      if (relations === undefined && listed.has(digest)) throw vanished(reading.destination, digest);
      // What is used may be gone already, and leads to nothing then.
      if (relations !== undefined) found.set(digest, relations);
      return relations?.indexes ?? [];
    });
  const asked = images.filter(
    (image) =>
      !image.archived && (isIndex(image.mediaType) || (isUnwanted(image) && image.subject === undefined)),
  );
  const unlisted = [...used].filter(isDigest).filter((digest) => !listed.has(digest));
  let next: readonly Digest[] = [...asked.map(({ digest }) => digest), ...unlisted];
  while (next.length > 0) {
    const inner = new Set((await read(next)).flat());
    next = [...inner].filter((digest) => !found.has(digest) && !listed.has(digest));
  }
  return found;
}

async function relationsAt(
  digest: Digest,
  { destination, known }: ReadingRelations,
  context: PromotionContext,
): Promise<ManifestRelations | undefined> {
  const remembered = known.get(digest);
  if (remembered !== undefined) return remembered;
  const repository = context.repositories.destination(destination);
  const manifest = await limited(context, "destination", (waiting) =>
    repository.fetchManifest(digest, waiting),
  );
  if (manifest === undefined) return undefined;
  const { manifests, subject } = readManifest(manifest);
  const relations = {
    members: manifests.map((member) => member.digest),
    indexes: manifests.filter(({ mediaType }) => isIndex(mediaType)).map((member) => member.digest),
    ...(subject && { subject: subject.digest }),
  };
  known.set(digest, relations);
  return relations;
}

function vanished({ host, repository }: Reference, digest: Digest): PromoterError {
  return new PromoterError(
    "ManifestUnknown",
    `Cannot read ${host}/${repository}@${digest}, which was listed a moment ago`,
    { side: "destination", temporary: true, hint: "Run it again; nothing was removed" },
  );
}
