import { PromoterError } from "../error.ts";
import type { ContentWriter } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import { isIndex, mediaTypes } from "../oci/media-type.ts";
import { formatReference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import type { IndexFormat } from "./index-content.ts";
import type { IndexMember } from "./member.ts";
import { membersOf } from "./read-source.ts";
import type { IndexRequest } from "./request.ts";

/** What an index's tag stands for, and what of it stays. */
export interface IndexBase {
  readonly digest: Digest | undefined;
  readonly members?: readonly IndexMember[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly format?: IndexFormat;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

/**
 * The index that is to be extended.
 *
 * @throws {PromoterError} `ManifestUnknown` when there is none; `InvalidInput` when the tag stands for one image.
 */
export async function baseOf(
  target: IndexRequest["target"],
  to: ContentWriter,
  context: PromotionContext,
): Promise<IndexBase> {
  const name = formatReference(target);
  const manifest = await limited(context, "destination", (waiting) => to.fetchManifest(target.tag, waiting));
  if (manifest === undefined) {
    throw new PromoterError("ManifestUnknown", `There is no index ${name} to append to`, {
      side: "destination",
      hint: "Make it with index create, or check the tag",
    });
  }
  const { mediaType, digest } = manifest.descriptor;
  if (!isIndex(mediaType)) {
    throw new PromoterError("InvalidInput", `${name} is no index but one image: nothing can be appended`, {
      hint: "Make an index of it under another tag: image-promoter index create",
    });
  }
  const { annotations, subject, artifactType } = readManifest(manifest);
  return {
    digest,
    members: await membersOf(manifest, { from: to, name, depth: 0 }, context),
    format: mediaType === mediaTypes.dockerList ? "docker" : "oci",
    ...(annotations && { annotations }),
    ...(subject && { subject }),
    ...(artifactType !== undefined && { artifactType }),
  };
}
