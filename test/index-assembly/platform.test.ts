import { describe, expect, it } from "vitest";
import {
  describePlatform,
  fitsPlatform,
  parsePlatform,
  platformFields,
  platformIdentity,
  readMemberPlatform,
} from "../../job/index-assembly/platform.ts";

/** What a configuration says, what the index says of it, and what else is the same platform to a runtime. */
const table: readonly [config: Record<string, unknown>, text: string, same: readonly string[]][] = [
  [{ os: "linux", architecture: "amd64" }, "linux/amd64", ["amd64", "linux/amd64/v1", "linux/x86_64"]],
  [{ os: "linux", architecture: "amd64", variant: "v3" }, "linux/amd64/v3", []],
  [{ os: "linux", architecture: "arm64" }, "linux/arm64", ["linux/arm64/v8", "arm64", "aarch64"]],
  [{ os: "linux", architecture: "arm64", variant: "v8" }, "linux/arm64/v8", ["linux/arm64"]],
  [{ os: "linux", architecture: "arm64", variant: "v9" }, "linux/arm64/v9", []],
  [{ os: "linux", architecture: "arm" }, "linux/arm", ["linux/arm/v7", "armhf"]],
  [{ os: "linux", architecture: "arm", variant: "6" }, "linux/arm/6", ["linux/arm/v6", "armel"]],
  [{ os: "linux", architecture: "aarch64" }, "linux/arm64", ["linux/arm64/v8"]],
  [{ os: "linux", architecture: "armhf" }, "linux/arm/v7", ["linux/arm"]],
  [{ os: "Linux", architecture: "AMD64" }, "linux/amd64", ["linux/amd64"]],
  [{ os: "linux", architecture: "i386" }, "linux/386", ["linux/386"]],
  [{ os: "macos", architecture: "arm64" }, "darwin/arm64", ["darwin/arm64/v8"]],
  [{ os: "linux", architecture: "ppc64le" }, "linux/ppc64le", []],
  [
    { os: "windows", architecture: "amd64", "os.version": "10.0.20348.2700" },
    "windows:10.0.20348.2700/amd64",
    ["windows:10.0.20348.2700/amd64"],
  ],
  [
    { os: "windows", architecture: "amd64", "os.version": "10.0.17763.1", "os.features": ["win32k"] },
    "windows:10.0.17763.1/amd64 (win32k)",
    [],
  ],
];

describe("platforms of configurations", () => {
  it.each(table)("%j is %s", (config, text, same) => {
    const platform = readMemberPlatform(config);
    if (platform === undefined) throw new Error("no platform");
    expect(describePlatform(platform)).toBe(text);
    for (const other of same) expect(platformIdentity(parsePlatform(other))).toBe(platformIdentity(platform));
    for (const [another, name] of table) {
      const found = readMemberPlatform(another);
      const isSame = name === text || same.includes(name) || (found && sameOnPurpose(found, platform));
      if (found && !isSame) expect(platformIdentity(found)).not.toBe(platformIdentity(platform));
    }
    // Written and read again, it is the same.
    expect(readMemberPlatform(JSON.parse(JSON.stringify(platformFields(platform))))).toEqual(platform);
  });

  it.each([{}, { os: "linux" }, { os: "", architecture: "" }, null, "linux/amd64", []])(
    "%j has none",
    (config) => {
      expect(readMemberPlatform(config)).toBeUndefined();
    },
  );
});

/** Rows of the table that runtimes take for one platform. */
function sameOnPurpose(
  one: NonNullable<ReturnType<typeof readMemberPlatform>>,
  other: NonNullable<ReturnType<typeof readMemberPlatform>>,
): boolean {
  const plain = ({ os, architecture, variant = "" }: typeof one) =>
    `${os}/${architecture}/${variant === "v8" || (architecture === "arm" && variant === "v7") ? "" : variant}`;
  return one.osVersion === undefined && other.osVersion === undefined && plain(one) === plain(other);
}

it.each([
  "",
  "linux/",
  "/amd64",
  "a/b/c/d",
  "linux amd64",
  "linux:/amd64",
  "li-nux/amd64",
  "arm/v7",
  "amd64/linux",
])("%j is no platform", (text) => {
  expect(() => parsePlatform(text)).toThrow(/Cannot read the platform/);
});

it.each([
  ["arm64", "linux/arm64/v8", true],
  ["arm64", "linux/arm64/v9", true],
  ["linux/arm64/v8", "linux/arm64", true],
  ["linux/arm/v6", "linux/arm/v7", false],
  ["linux/arm", "linux/arm/v6", true],
  ["arm64", "linux/amd64", false],
  ["windows/amd64", "windows:10.0.20348.2700/amd64", true],
  ["windows:10.0.17763.1/amd64", "windows:10.0.20348.2700/amd64", false],
  ["windows/amd64", "linux/amd64", false],
])("where %s is expected, %s fits: %s", (expected, found, fits) => {
  expect(fitsPlatform(parsePlatform(found), parsePlatform(expected))).toBe(fits);
});
