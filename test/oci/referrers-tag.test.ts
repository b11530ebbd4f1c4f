import { expect, it } from "vitest";
import { cosignTags, referrersTag } from "../../job/oci/referrers-tag.ts";

it("builds the tag of the referrers tag schema, cut to 64 characters", () => {
  expect(referrersTag(`sha256:${"a".repeat(64)}`)).toBe(`sha256-${"a".repeat(64)}`);
  expect(referrersTag(`sha512:${"b".repeat(128)}`)).toBe(`sha512-${"b".repeat(64)}`);
});

it("builds cosign's tags where they fit into a tag", () => {
  const hex = "c".repeat(64);
  expect(cosignTags(`sha256:${hex}`)).toEqual([
    `sha256-${hex}.sig`,
    `sha256-${hex}.att`,
    `sha256-${hex}.sbom`,
  ]);
  expect(cosignTags(`sha512:${"d".repeat(128)}`)).toEqual([]);
});
