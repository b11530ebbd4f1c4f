import { describe, expect, it } from "vitest";
import { decidingRules, readLifecyclePolicy } from "../../job/ecr/lifecycle-policy.ts";
import {
  imageCountWarning,
  lifecycleWarnings,
  signatureTagWarning,
} from "../../job/ecr/repository-warnings.ts";

const day = 24 * 60 * 60_000;
const now = Date.UTC(2026, 0, 1);

function rules(...written: readonly [priority: number, selection: object, action?: object][]) {
  return readLifecyclePolicy(
    JSON.stringify({
      rules: written.map(([rulePriority, selection, action = { type: "expire" }]) => ({
        rulePriority,
        selection: { countType: "imageCountMoreThan", countNumber: 5, ...selection },
        action,
      })),
    }),
  );
}

describe("decidingRules", () => {
  const tagged = (selection: object) => ({ tagStatus: "tagged", ...selection });

  it.each<[string, object, string[], boolean]>([
    ["any", { tagStatus: "any" }, ["v1"], true],
    ["any, without a tag", { tagStatus: "any" }, [], true],
    ["untagged", { tagStatus: "untagged" }, [], true],
    ["untagged, with a tag", { tagStatus: "untagged" }, ["v1"], false],
    ["a prefix", tagged({ tagPrefixList: ["v"] }), ["v1"], true],
    ["another prefix", tagged({ tagPrefixList: ["dev-"] }), ["v1"], false],
    ["two prefixes, one of them there", tagged({ tagPrefixList: ["v", "prod"] }), ["v1"], false],
    ["two prefixes, both there", tagged({ tagPrefixList: ["v", "prod"] }), ["v1", "prod-1"], true],
    ["a pattern", tagged({ tagPatternList: ["*-rc*"] }), ["v1-rc2"], true],
    ["a pattern that is no prefix", tagged({ tagPatternList: ["v"] }), ["v1"], false],
    ["a tag rule, without a tag", tagged({ tagPrefixList: ["v"] }), [], false],
    ["what is in the archive", { tagStatus: "any", storageClass: "archive" }, ["v1"], false],
  ])("%s", (_, selection, tags, selected) => {
    expect(decidingRules(rules([1, selection]), tags)).toHaveLength(selected ? 1 : 0);
  });

  it("lets the first rule decide, in the order of priorities", () => {
    const decided = decidingRules(
      rules(
        [20, { tagStatus: "any", countNumber: 1 }],
        [10, { tagStatus: "tagged", tagPrefixList: ["v"], countNumber: 1000 }],
      ),
      ["v1"],
    );
    expect(decided.map((rule) => rule.priority)).toEqual([10]);
  });

  it("decides about archiving apart from expiring", () => {
    const decided = decidingRules(
      rules(
        [1, { tagStatus: "any", countType: "sinceImagePulled", countNumber: 30 }, { type: "transition" }],
        [2, { tagStatus: "any" }],
      ),
      ["v1"],
    );
    expect(decided.map((rule) => rule.action)).toEqual(["expire", "transition"]);
  });

  it.each(["", "{}", "[]", '{"rules":[1,{}]}', '{"rules":{}}'])("reads no rules out of %j", (text) => {
    expect(readLifecyclePolicy(text)).toEqual([]);
  });
});

describe("lifecycleWarnings", () => {
  const warn = (selection: object, pushedAt?: number, action: object = { type: "expire" }) =>
    lifecycleWarnings(
      rules([1, { tagStatus: "any", ...selection }, action]),
      { tags: ["v1"], ...(pushedAt !== undefined && { pushedAt }) },
      now,
    )[0];
  const days = (countNumber: number) => ({ countType: "sinceImagePushed", countUnit: "days", countNumber });

  it.each<[string, object, number | undefined, string, boolean]>([
    ["a few newer images", { countNumber: 5 }, undefined, "5 newer ones", true],
    ["many newer images", { countNumber: 100 }, undefined, "100 newer ones", false],
    ["an old image among many", { countNumber: 100 }, now - day, "has not made it newer", true],
    ["a month of life", days(30), undefined, "in 30 days", true],
    ["a year of life", days(365), undefined, "in 365 days", false],
    ["the last day", days(10), now - 9 * day, "in 1 day,", true],
    ["a time that is over", days(10), now - 11 * day, "within a day", true],
    [
      "no pulls",
      { countType: "sinceImagePulled", countNumber: 90 },
      undefined,
      "not pulled for 90 days",
      false,
    ],
  ])("%s", (_, selection, pushedAt, text, soon) => {
    expect(warn(selection, pushedAt)).toEqual({ text: expect.stringContaining(text), soon });
  });

  it("tells archiving from expiring, and says nothing of what it does not know", () => {
    expect(warn(days(10), undefined, { type: "transition", targetStorageClass: "archive" })?.text).toContain(
      "archives",
    );
    expect(warn({ countType: "sinceImageTransitioned" })).toBeUndefined();
  });
});

describe("signatureTagWarning", () => {
  it.each<[Parameters<typeof signatureTagWarning>[0]["mode"], string[], boolean]>([
    ["MUTABLE", [], false],
    ["IMMUTABLE", [], true],
    ["IMMUTABLE_WITH_EXCLUSION", ["latest"], true],
    ["IMMUTABLE_WITH_EXCLUSION", ["sha256-*"], false],
    ["IMMUTABLE_WITH_EXCLUSION", ["sha256-*.sig"], true],
    ["MUTABLE_WITH_EXCLUSION", ["v*"], false],
    ["MUTABLE_WITH_EXCLUSION", ["sha256-*"], true],
  ])("%s excluding %j: %s", (mode, exclusions, warned) => {
    expect(signatureTagWarning({ mode, exclusions }) !== undefined).toBe(warned);
  });
});

describe("imageCountWarning", () => {
  it.each([
    [0, false],
    [89_999, false],
    [90_000, true],
  ])("%d images: %s", (images, warned) => {
    expect(imageCountWarning(images) !== undefined).toBe(warned);
  });
});
