import { PromoterError } from "../error.ts";
import type { ContentReader } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Manifest, maxManifestBytes, readManifest } from "../oci/manifest.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { readBlob } from "../oci/read-blob.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { type MemberPlatform, readMemberPlatform } from "./platform.ts";

/** The media types of configurations that name a platform. */
const configTypes: ReadonlySet<string> = new Set([
  mediaTypes.ociConfig,
  "application/vnd.docker.container.image.v1+json",
]);

/**
 * The platform that an image's configuration names; undefined for an artifact, which has none.
 *
 * @throws {PromoterError} `ManifestInvalid` when the configuration is no JSON or larger than a manifest may be; what
 * fetching a blob throws, and `DigestMismatch` or `SizeMismatch` when it is not what the manifest says.
 */
export async function platformOfImage(
  manifest: Manifest,
  from: ContentReader,
  context: PromotionContext,
): Promise<MemberPlatform | undefined> {
  const config = readManifest(manifest).blobs.find(({ mediaType }) => configTypes.has(mediaType));
  if (config === undefined) return undefined;
  if (config.size > maxManifestBytes) throw unreadable(config, `it has ${config.size} bytes`);
  const bytes = await limited(context, "source", (waiting) => readBlob(from, config, waiting));
  return readMemberPlatform(parse(bytes, config));
}

function parse(bytes: Buffer, config: Descriptor): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw unreadable(config, "it is no JSON", cause);
  }
}

function unreadable({ digest }: Descriptor, what: string, cause?: unknown): PromoterError {
  return new PromoterError("ManifestInvalid", `Cannot read the configuration ${digest}: ${what}`, {
    cause,
    hint: "Build and push the image again: what the registry holds under this name is no valid image",
  });
}
