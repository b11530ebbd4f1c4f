import { describe, expect, it } from "vitest";
import { linearExpression } from "../../job/replication/linear-expression.ts";
import { type ReplicationRule, ruleAdmits } from "../../job/replication/rule.ts";
import { versionRange } from "../../job/replication/version.ts";

function rule(changes: Partial<ReplicationRule> = {}): ReplicationRule {
  return { name: "one", repositories: ["*"], exclude: [], tags: {}, ...changes };
}

const stable = versionRange(">=1.2 <3", { prerelease: false });
const early = versionRange(">=1.2 <3", { prerelease: true });

describe("a rule", () => {
  it.each<[string, ReplicationRule, string, boolean]>([
    ["everything", rule(), "team/app:latest", true],
    ["a repository", rule({ repositories: ["team/*"] }), "team/app:1", true],
    ["another repository", rule({ repositories: ["team/*"] }), "base/app:1", false],
    ["a repository left out", rule({ exclude: ["*/scratch-*"] }), "team/scratch-1:1", false],
    ["a tag's pattern", rule({ tags: { include: ["v*", "1.*"] } }), "app:1.0", true],
    ["a tag of no pattern", rule({ tags: { include: ["v*"] } }), "app:1.0", false],
    ["a tag left out", rule({ tags: { exclude: ["*-debug"] } }), "app:1-debug", false],
    ["a version", rule({ tags: { versions: stable } }), "app:2.9.9", true],
    ["a version with v", rule({ tags: { versions: stable } }), "app:v1.2.0", true],
    ["a version too high", rule({ tags: { versions: stable } }), "app:3.0.0", false],
    ["a prerelease", rule({ tags: { versions: stable } }), "app:2.0.0-rc.1", false],
    ["a wanted prerelease", rule({ tags: { versions: early } }), "app:2.0.0-rc.1", true],
    ["no version", rule({ tags: { versions: stable } }), "app:2.0", false],
    ["an expression", rule({ tags: { expression: linearExpression("\\d+") } }), "app:77", true],
    ["no such text", rule({ tags: { expression: linearExpression("\\d+") } }), "app:77a", false],
    ["all of them", rule({ tags: { versions: stable, exclude: ["2.*"] } }), "app:2.0.0", false],
    ["a signature's tag", rule(), `app:sha256-${"a".repeat(64)}.sig`, false],
    ["what time and others decide", rule({ tags: { newest: 1, pushedSinceMs: 1 }, limit: 1 }), "app:1", true],
  ])("admits by %s", (_what, given, image, admitted) => {
    const [repository = "", tag = ""] = image.split(":");
    expect(ruleAdmits(given, { repository, tag })).toBe(admitted);
  });

  it("refuses what is no range of versions", () => {
    expect(() => versionRange("newer", { prerelease: false })).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration" }),
    );
  });
});
