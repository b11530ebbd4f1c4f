import { PromoterError } from "../error.ts";
import { isObject } from "../oci/descriptor.ts";
import { formatPlatform, type Platform, readPlatform } from "../oci/platform.ts";

/** A platform with what tells images of one operating system apart. */
export interface MemberPlatform extends Platform {
  readonly osFeatures?: readonly string[];
}

/** The names that other tools have for Go's, with the variant that they imply. */
const aliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  i386: ["386"],
  x86_64: ["amd64"],
  "x86-64": ["amd64"],
  aarch64: ["arm64"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
};

const written =
  /^(?:(?<os>[a-z0-9]+)(?::(?<version>[\w.-]+))?\/(?<architecture>[\w-]+)(?:\/(?<variant>[\w.]+))?|(?<alone>[\w-]+))$/;

/** The operating systems that Go knows; with them `arm/v7` is told from `linux/arm`. */
const systems: ReadonlySet<string> = new Set(
  "aix android darwin dragonfly freebsd illumos ios js linux macos netbsd openbsd plan9 solaris wasip1 windows".split(
    " ",
  ),
);

/**
 * Reads the platform of an image's configuration or of a descriptor, which name it alike; undefined where there is
 * none. Names are Go's, the variant is as it is written, so that an index says what its images say.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties}
 */
export function readMemberPlatform(value: unknown): MemberPlatform | undefined {
  const platform = readPlatform(value);
  if (platform === undefined || platform.os === "" || platform.architecture === "") return undefined;
  const features: unknown = isObject(value) ? value["os.features"] : undefined;
  const osFeatures = Array.isArray(features) ? features.filter((name) => typeof name === "string") : [];
  return { ...withGoNames(platform), ...(osFeatures.length > 0 && { osFeatures }) };
}

/**
 * Reads `os[:version]/architecture[/variant]`; an architecture alone is Linux's.
 *
 * @throws {PromoterError} `InvalidReference` for anything else.
 */
export function parsePlatform(text: string): MemberPlatform {
  const match = written.exec(text);
  const { os = "linux", version, architecture = match?.groups?.alone, variant } = match?.groups ?? {};
  if (architecture === undefined || !systems.has(os)) {
    throw new PromoterError(
      "InvalidReference",
      `Cannot read the platform ${JSON.stringify(text.slice(0, 100))}`,
      {
        hint: "Write os/architecture, with a variant where there is one: linux/amd64, linux/arm/v7, windows:10.0.20348.2700/amd64",
      },
    );
  }
  return withGoNames({
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { osVersion: version }),
  });
}

/** The fields of a descriptor's `platform`, in the order of the specification. */
export function platformFields(platform: MemberPlatform): object {
  const { os, architecture, variant, osVersion, osFeatures } = platform;
  return {
    architecture,
    os,
    ...(osVersion !== undefined && { "os.version": osVersion }),
    ...(osFeatures !== undefined && { "os.features": osFeatures }),
    ...(variant !== undefined && { variant }),
  };
}

/**
 * What is equal for platforms that a runtime takes for the same: `arm64` and `arm64/v8`, `arm` and `arm/v7`.
 * {@link https://github.com/containerd/platforms/blob/v1.0.0/database.go}
 */
export function platformIdentity(platform: MemberPlatform): string {
  const { os, architecture, osVersion = "", osFeatures = [] } = platform;
  const variant = plainVariant(architecture, platform.variant?.toLowerCase() ?? "");
  return [os, architecture, variant, osVersion, osFeatures.toSorted().join(",")].join(" ");
}

/** True when an image is what was expected; what the expectation leaves open is not compared. */
export function fitsPlatform(found: MemberPlatform, expected: MemberPlatform): boolean {
  const open = {
    ...found,
    ...(expected.variant === undefined && { variant: "" }),
    osVersion: expected.osVersion === undefined ? "" : (found.osVersion ?? ""),
    osFeatures: [],
  };
  return (
    platformIdentity(open) ===
    platformIdentity({ ...expected, osVersion: expected.osVersion ?? "", osFeatures: [] })
  );
}

/** For messages: with the features of the operating system behind it. */
export function describePlatform(platform: MemberPlatform): string {
  const { osFeatures = [] } = platform;
  return `${formatPlatform(platform)}${osFeatures.length > 0 ? ` (${osFeatures.join(", ")})` : ""}`;
}

function withGoNames(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === "macos" ? "darwin" : platform.os.toLowerCase();
  const architecture = platform.architecture.toLowerCase();
  const alias = aliases[architecture];
  if (alias === undefined) return { ...platform, os, architecture };
  const [name, implied] = alias;
  const { variant = implied, ...rest } = platform;
  return { ...rest, os, architecture: name, ...(variant !== undefined && { variant }) };
}

function plainVariant(architecture: string, variant: string): string {
  switch (architecture) {
    case "amd64":
      return variant === "v1" ? "" : variant;
    case "arm64":
      return ["8", "v8", "v8.0"].includes(variant) ? "" : variant;
    case "arm":
      return variant === "" ? "v7" : /^\d$/.test(variant) ? `v${variant}` : variant;
    default:
      return variant;
  }
}
