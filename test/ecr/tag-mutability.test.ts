import { describe, expect, it } from "vitest";
import type { TagMutability } from "../../job/ecr/repository-settings.ts";
import { isTagImmutable } from "../../job/ecr/tag-mutability.ts";

describe("isTagImmutable", () => {
  it.each<[TagMutability["mode"], string[], string, boolean]>([
    ["MUTABLE", [], "v1", false],
    ["IMMUTABLE", [], "v1", true],
    ["IMMUTABLE_WITH_EXCLUSION", ["sha256-*", "latest"], "v1", true],
    ["IMMUTABLE_WITH_EXCLUSION", ["sha256-*", "latest"], "latest", false],
    ["IMMUTABLE_WITH_EXCLUSION", ["sha256-*", "latest"], "sha256-00ff.sig", false],
    ["MUTABLE_WITH_EXCLUSION", ["v*"], "v1", true],
    ["MUTABLE_WITH_EXCLUSION", ["v*"], "latest", false],
    ["MUTABLE", ["v*"], "v1", false],
    ["IMMUTABLE", ["v*"], "v1", true],
  ])("%s excluding %j: %s is %s", (mode, exclusions, tag, expected) => {
    expect(isTagImmutable({ mode, exclusions }, tag)).toBe(expected);
  });
});
