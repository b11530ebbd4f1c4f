import { PromoterError } from "../error.ts";
import type { ContentReader, Waiting } from "../oci/content.ts";
import { type Descriptor, isObject } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { type Manifest, maxManifestBytes, readManifest } from "../oci/manifest.ts";
import { isIndex } from "../oci/media-type.ts";
import { formatPlatform, isUnknownPlatform, type Platform, readPlatform } from "../oci/platform.ts";
import { readBlob } from "../oci/read-blob.ts";

/** What an image says of itself. It never changes, for the image is named by its digest. */
export interface ImageFacts {
  /** When it was built, in milliseconds since the epoch; of an index, the image for the wanted platform. */
  readonly created?: number;
  readonly platforms: readonly Platform[];
}

/** One request to a registry, within whatever limits it. */
export type Ask = <T>(request: (waiting: Waiting) => Promise<T>) => Promise<T>;

/**
 * Reads when an image was built and what it runs on: from its configuration, and the annotation
 * `org.opencontainers.image.created` where that says nothing.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties}
 *
 * @param platform whose image of an index is asked when it was built; Linux on amd64 when absent.
 * @throws {PromoterError} `ManifestInvalid`, `ManifestUnknown`, and what registries say.
 */
export async function readImageFacts(
  reader: ContentReader,
  digest: Digest,
  ask: Ask,
  platform = "linux/amd64",
): Promise<ImageFacts> {
  const manifest = await fetched(reader, digest, ask);
  if (!isIndex(manifest.descriptor.mediaType)) return factsOf(reader, manifest, ask);
  const { manifests, annotations } = readManifest(manifest);
  const members = manifests.filter(isRunnable);
  const [first] = members;
  const member = members.find(({ platform: own }) => own && runsOn(own, platform)) ?? first;
  const platforms = members.flatMap(({ platform: own }) => own ?? []);
  if (member === undefined) return { platforms };
  const { created = createdIn(annotations) } = await factsOf(
    reader,
    await fetched(reader, member.digest, ask),
    ask,
  );
  return { platforms, ...(created !== undefined && { created }) };
}

/** Whether what is built for a platform runs on the one that is wanted, `os/architecture[/variant]`. */
export function runsOn(own: Platform, wanted: string): boolean {
  const { os, architecture, variant = own.architecture === "arm64" ? "v8" : undefined } = own;
  const [wantedOs, wantedArchitecture, wantedVariant = variant] = wanted.split("/");
  return os === wantedOs && architecture === wantedArchitecture && variant === wantedVariant;
}

/** The platforms of an image, for messages. */
export function formatPlatforms(platforms: readonly Platform[]): string {
  return platforms.length === 0 ? "no platform" : platforms.map(formatPlatform).join(", ");
}

function isRunnable({ platform, artifactType }: Descriptor): boolean {
  return artifactType === undefined && platform !== undefined && !isUnknownPlatform(platform);
}

async function fetched(reader: ContentReader, digest: Digest, ask: Ask): Promise<Manifest> {
  const manifest = await ask((waiting) => reader.fetchManifest(digest, waiting));
  if (manifest !== undefined) return manifest;
  throw new PromoterError(
    "ManifestUnknown",
    `There is no ${digest} any more in ${reader.host}/${reader.repository}`,
    { temporary: true, hint: "Run it again: the image was removed while it was looked at" },
  );
}

async function factsOf(reader: ContentReader, manifest: Manifest, ask: Ask): Promise<ImageFacts> {
  const { blobs, annotations } = readManifest(manifest);
  const config = blobs.find(({ mediaType }) => configTypes.has(mediaType));
  const annotated = createdIn(annotations);
  if (config === undefined || config.size > maxManifestBytes)
    return { platforms: [], ...(annotated !== undefined && { created: annotated }) };
  const document = parse(await ask((waiting) => readBlob(reader, config, waiting)), config);
  const platform = readPlatform(document);
  const created = timeOf(isObject(document) ? document.created : undefined) ?? annotated;
  return { platforms: platform === undefined ? [] : [platform], ...(created !== undefined && { created }) };
}

const configTypes: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
]);

function createdIn(annotations: Readonly<Record<string, string>> | undefined): number | undefined {
  return timeOf(annotations?.["org.opencontainers.image.created"]);
}

/** A time of RFC 3339. What builders write who do not want to tell, the beginning of an epoch, counts as nothing. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d[Tt ]/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isFinite(time) && time > 0 ? time : undefined;
}

function parse(bytes: Buffer, { digest }: Descriptor): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new PromoterError("ManifestInvalid", `Cannot read the configuration ${digest}: it is no JSON`, {
      cause,
      hint: "Build and push the image again, or leave its tag out with an ignore pattern",
    });
  }
}
