/**
 * What an image runs on.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#image-index-property-descriptions}
 */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
}

/** `os/architecture[/variant]`, with the version of the operating system after a colon where there is one. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant, osVersion } = platform;
  return `${os}${osVersion ? `:${osVersion}` : ""}/${architecture}${variant ? `/${variant}` : ""}`;
}

/** Reads a `platform` out of parsed JSON; undefined where it names no operating system and architecture. */
export function readPlatform(value: unknown): Platform | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const { os, architecture, variant } = fields;
  const osVersion = fields["os.version"];
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return {
    os,
    architecture,
    ...(typeof variant === "string" && variant !== "" && { variant }),
    ...(typeof osVersion === "string" && osVersion !== "" && { osVersion }),
  };
}

/** BuildKit marks attestation manifests inside an index with this platform; they run on nothing. */
export function isUnknownPlatform(platform: Platform): boolean {
  return platform.os === "unknown" && platform.architecture === "unknown";
}
