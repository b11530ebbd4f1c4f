import { PromoterError } from "../error.ts";
import { type Digest, isDigest } from "./digest.ts";
import { formatPlatform, type Platform, readPlatform } from "./platform.ts";

/**
 * What points to content: its media type, digest and size in bytes.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md}
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Reads a descriptor out of parsed JSON; `where` names its place for the message. What is not needed here (`urls`,
 * `data`) is not looked at: content is always fetched by digest from the repository itself.
 *
 * @throws {PromoterError} `ManifestInvalid` when a field is missing or malformed, before its digest reaches any address.
 */
export function readDescriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) throw invalid(where, "is no object");
  const { mediaType, digest, size, platform, artifactType, annotations } = value;
  if (typeof mediaType !== "string" || mediaType === "") throw invalid(`${where}.mediaType`, "is missing");
  if (typeof digest !== "string" || !isDigest(digest))
    throw invalid(`${where}.digest`, "is no sha256 or sha512 digest");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(`${where}.size`, "is no number of bytes");
  }
  const known = readPlatform(platform);
  return {
    mediaType,
    digest,
    size,
    ...(known && { platform: known }),
    ...(typeof artifactType === "string" && { artifactType }),
    ...(isObject(annotations) && { annotations: stringsOf(annotations) }),
  };
}

/** A short name for messages: the platform where there is one, else the digest's first digits. */
export function describeDescriptor(descriptor: Descriptor): string {
  const short = descriptor.digest.slice(0, descriptor.digest.indexOf(":") + 13);
  return descriptor.platform ? `${short} (${formatPlatform(descriptor.platform)})` : short;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stringsOf(object: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function invalid(where: string, what: string): PromoterError {
  return new PromoterError("ManifestInvalid", `Cannot read the manifest: ${where} ${what}`, {
    hint: "Build and push the image again: what the registry holds under this name is not a valid manifest",
  });
}
