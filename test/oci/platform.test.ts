import { expect, it } from "vitest";
import { formatPlatform, isUnknownPlatform, readPlatform } from "../../job/oci/platform.ts";

it.each([
  [{ os: "linux", architecture: "amd64" }, "linux/amd64"],
  [{ os: "linux", architecture: "arm", variant: "v7" }, "linux/arm/v7"],
  [{ os: "windows", architecture: "amd64", "os.version": "10.0.20348.1" }, "windows:10.0.20348.1/amd64"],
])("formats %j", (value, text) => {
  const platform = readPlatform(value);
  expect(platform && formatPlatform(platform)).toBe(text);
});

it.each([null, undefined, "linux/amd64", {}, { os: "linux" }, { os: 1, architecture: "x" }])(
  "does not take %j",
  (value) => {
    expect(readPlatform(value)).toBeUndefined();
  },
);

it("knows the platform of attestations", () => {
  expect(isUnknownPlatform({ os: "unknown", architecture: "unknown" })).toBe(true);
  expect(isUnknownPlatform({ os: "linux", architecture: "unknown" })).toBe(false);
});
