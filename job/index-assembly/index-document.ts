import { PromoterError } from "../error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestOf } from "../oci/digest.ts";
import { type Manifest, maxManifestBytes } from "../oci/manifest.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { checkDockerList } from "./docker-list.ts";
import type { IndexContent } from "./index-content.ts";
import { type IndexMember, isImage, subjectOf } from "./member.ts";
import { platformFields, platformIdentity } from "./platform.ts";

/**
 * The index as bytes. The same members give the same bytes, in whatever order they come: images by platform, then what
 * has none, then attestations in the order of their images; annotations by name.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md}
 *
 * @throws {PromoterError} `UnsupportedManifest` when Docker's manifest list cannot say it; `ManifestTooLarge` when
 * registries need not take it.
 */
export function indexDocument(content: IndexContent): Manifest {
  const { format, annotations, artifactType, subject } = content;
  if (format === "docker") checkDockerList(content);
  const mediaType = format === "docker" ? mediaTypes.dockerList : mediaTypes.ociIndex;
  const document = {
    schemaVersion: 2,
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    manifests: inOrder(content.members).map(descriptorFields),
    ...(subject && { subject: descriptorFields(subject) }),
    ...annotationFields(annotations),
  };
  const bytes = Buffer.from(JSON.stringify(document));
  if (bytes.length > maxManifestBytes) throw tooLarge(bytes.length);
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** Members in the order in which an index names them. */
export function inOrder(members: readonly IndexMember[]): readonly IndexMember[] {
  const sorted = members.toSorted((a, b) => compareTexts(sortKey(a), sortKey(b)));
  const position = new Map(sorted.map(({ digest }, index) => [String(digest), index]));
  const subjectPosition = (member: IndexMember) => position.get(subjectOf(member) ?? "") ?? 0;
  const attestations = sorted.filter((member) => subjectOf(member) !== undefined);
  return [
    ...sorted.filter((member) => subjectOf(member) === undefined),
    ...attestations.toSorted((a, b) => subjectPosition(a) - subjectPosition(b)),
  ];
}

function sortKey(member: IndexMember): string {
  const { platform, digest } = member;
  return `${isImage(member) ? 0 : 1} ${platform === undefined ? "" : platformIdentity(platform)} ${digest}`;
}

type DescriptorFields = Descriptor | IndexMember;

function descriptorFields(descriptor: DescriptorFields): object {
  const { mediaType, digest, size, annotations = {}, platform, artifactType } = descriptor;
  return {
    mediaType,
    digest,
    size,
    ...annotationFields(annotations),
    ...(platform && { platform: platformFields(platform) }),
    ...(artifactType !== undefined && { artifactType }),
  };
}

function annotationFields(annotations: Readonly<Record<string, string>>): object {
  const sorted = Object.entries(annotations).toSorted(([a], [b]) => compareTexts(a, b));
  return sorted.length === 0 ? {} : { annotations: Object.fromEntries(sorted) };
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function tooLarge(bytes: number): PromoterError {
  return new PromoterError(
    "ManifestTooLarge",
    `The index would have ${bytes} bytes, more than the ${maxManifestBytes} that registries must take`,
    { hint: "Give it fewer images, or shorter annotations" },
  );
}
