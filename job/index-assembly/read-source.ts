import { allDone } from "../async/all-done.ts";
import { PromoterError } from "../error.ts";
import type { ContentReader } from "../oci/content.ts";
import { type Descriptor, isObject } from "../oci/descriptor.ts";
import { type Manifest, readManifest } from "../oci/manifest.ts";
import { isIndex } from "../oci/media-type.ts";
import { formatReference, type Reference, targetOf } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { platformOfImage } from "./image-config.ts";
import { type IndexMember, isImage } from "./member.ts";
import { describePlatform, fitsPlatform, readMemberPlatform } from "./platform.ts";
import type { IndexSource } from "./request.ts";

/** Indexes inside indexes; builders make two levels at the most. */
const maxDepth = 8;

/**
 * What a source brings into an index: the image itself with the platform that its configuration names, or, of an
 * index, its members as it describes them, those of inner indexes too. No layer is read.
 *
 * @throws {PromoterError} `ManifestUnknown` when it is not there; `InvalidInput` when it has no platform, not the one
 * that is expected, or several where one is given; what reading a manifest throws.
 */
export async function readSource(
  source: IndexSource,
  context: PromotionContext,
): Promise<readonly IndexMember[]> {
  const { reference } = source;
  const name = formatReference(reference);
  const from = context.repositories.source(reference);
  const manifest = await fetchManifest(from, targetOf(reference), context);
  if (manifest === undefined) throw unknownSource(reference);
  const members = await membersOf(manifest, { from, name, depth: 0 }, context);
  return describeAs(source, name, members);
}

interface Place {
  readonly from: ContentReader;
  readonly name: string;
  readonly depth: number;
}

/** The members of an index that was fetched, flattened; of an image itself. */
export async function membersOf(
  manifest: Manifest,
  place: Place,
  context: PromotionContext,
): Promise<readonly IndexMember[]> {
  if (!isIndex(manifest.descriptor.mediaType)) return [await imageMember(manifest, place, context)];
  if (place.depth >= maxDepth) throw tooDeep(place.name);
  const descriptors = readManifest(manifest).manifests;
  const platforms = writtenPlatforms(manifest);
  const members = await allDone(
    descriptors.map((descriptor, position) =>
      indexMember(descriptor, readMemberPlatform(platforms[position]), place, context),
    ),
  );
  return members.flat();
}

async function indexMember(
  descriptor: Descriptor,
  platform: IndexMember["platform"],
  place: Place,
  context: PromotionContext,
): Promise<readonly IndexMember[]> {
  const { from, name, depth } = place;
  const { mediaType, digest, size, annotations, artifactType } = descriptor;
  if (!isIndex(mediaType)) {
    return [
      {
        mediaType,
        digest,
        size,
        ...(platform && { platform }),
        ...(annotations && { annotations }),
        ...(artifactType !== undefined && { artifactType }),
        ...placed(place),
      },
    ];
  }
  const manifest = await fetchManifest(from, digest, context);
  if (manifest === undefined) throw unknownSource({ host: from.host, repository: from.repository, digest });
  return membersOf(manifest, { from, name, depth: depth + 1 }, context);
}

async function imageMember(
  manifest: Manifest,
  place: Place,
  context: PromotionContext,
): Promise<IndexMember> {
  const { mediaType, digest, size } = manifest.descriptor;
  const platform = await platformOfImage(manifest, place.from, context);
  return { mediaType, digest, size, ...(platform && { platform }), ...placed(place) };
}

function placed({ from, name }: Place): Pick<IndexMember, "host" | "repository" | "source"> {
  return { host: from.host, repository: from.repository, source: name };
}

/** The `platform` of each entry as it is written, `os.features` included. */
function writtenPlatforms({ bytes }: Manifest): readonly unknown[] {
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const entries: unknown = isObject(document) ? document.manifests : [];
  return Array.isArray(entries) ? entries.map((entry) => (isObject(entry) ? entry.platform : undefined)) : [];
}

function describeAs(
  { platform, expected, annotations }: IndexSource,
  name: string,
  members: readonly IndexMember[],
): readonly IndexMember[] {
  const isAlone = members.length === 1;
  const images = members.filter((member) => isImage(member) || isAlone);
  if (platform !== undefined && images.length !== 1) throw severalPlatforms(name, images);
  return members.map((member) => {
    if (!images.includes(member)) return member;
    const described = { ...member, ...(platform && { platform }) };
    if (described.platform === undefined) throw withoutPlatform(name);
    if (expected !== undefined && !fitsPlatform(described.platform, expected)) {
      throw otherPlatform(name, described.platform, expected);
    }
    return annotations === undefined
      ? described
      : { ...described, annotations: { ...described.annotations, ...annotations } };
  });
}

function fetchManifest(from: ContentReader, target: string, context: PromotionContext) {
  return limited(context, "source", (waiting) => from.fetchManifest(target, waiting));
}

function unknownSource(reference: Reference): PromoterError {
  return new PromoterError("ManifestUnknown", `There is no image ${formatReference(reference)}`, {
    side: "source",
    hint: "Check the tag, and that the build for this architecture has pushed it",
  });
}

function withoutPlatform(name: string): PromoterError {
  return new PromoterError(
    "InvalidInput",
    `Nothing says what ${name} runs on: its configuration is no image's`,
    {
      hint: `Leave it out, or say it: --platform ${name}=linux/amd64`,
    },
  );
}

function severalPlatforms(name: string, images: readonly IndexMember[]): PromoterError {
  return new PromoterError(
    "InvalidInput",
    `One platform is given for ${name}, which is an index of ${images.length} images`,
    { hint: "Name its member by digest, and give that the platform" },
  );
}

function otherPlatform(
  name: string,
  found: NonNullable<IndexMember["platform"]>,
  expected: NonNullable<IndexSource["expected"]>,
): PromoterError {
  return new PromoterError(
    "InvalidInput",
    `${name} runs on ${describePlatform(found)}, and should on ${describePlatform(expected)}`,
    { hint: "Look at the build that pushed this tag: it has built for another architecture" },
  );
}

function tooDeep(name: string): PromoterError {
  return new PromoterError("ManifestInvalid", `Refused ${name}: more than ${maxDepth} levels of indexes`, {
    hint: "Build and push the image again: no builder makes indexes like this",
  });
}
