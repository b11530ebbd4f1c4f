import { PromoterError } from "../error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { readManifest } from "../oci/manifest.ts";
import { isIndex } from "../oci/media-type.ts";
import { formatReference, type Reference, targetOf } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { memberReport } from "./member-report.ts";
import { membersOf } from "./read-source.ts";
import type { MemberReport } from "./report.ts";

/** What a reference leads to. */
export interface InspectedIndex {
  readonly index: string;
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes of the manifest. */
  readonly size: number;
  /** Whether it is an index; else its one entry is the image itself. */
  readonly isIndex: boolean;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  /** In the order in which the index names them, those of inner indexes in their place. */
  readonly manifests: readonly MemberReport[];
}

/**
 * Reads an index, or an image with its platform.
 *
 * @throws {PromoterError} `ManifestUnknown` when it is not there; what reading a manifest throws.
 */
export async function inspectIndex(reference: Reference, context: PromotionContext): Promise<InspectedIndex> {
  const from = context.repositories.source(reference);
  const name = formatReference(reference);
  const manifest = await limited(context, "source", (waiting) =>
    from.fetchManifest(targetOf(reference), waiting),
  );
  if (manifest === undefined) {
    throw new PromoterError("ManifestUnknown", `There is no image ${name}`, {
      image: name,
      hint: "Check the tag, or name the image by its digest",
    });
  }
  const { digest, mediaType, size } = manifest.descriptor;
  const { annotations, subject, artifactType } = readManifest(manifest);
  const members = await membersOf(manifest, { from, name, depth: 0 }, context);
  return {
    index: name,
    digest,
    mediaType,
    size,
    isIndex: isIndex(mediaType),
    ...(isIndex(mediaType) && artifactType !== undefined && { artifactType }),
    ...(subject && { subject }),
    ...(annotations && { annotations }),
    manifests: members.map((member) => {
      const { source: _, ...report } = memberReport(member);
      return report;
    }),
  };
}
