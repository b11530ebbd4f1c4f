import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ListedTag } from "../../job/replication/catalog.ts";
import { linearExpression } from "../../job/replication/linear-expression.ts";
import type { ReplicationRule, TagRule } from "../../job/replication/rule.ts";
import { selectTags } from "../../job/replication/select-tags.ts";
import { versionRange } from "../../job/replication/version.ts";

const now = 1_000_000;

function select(tags: TagRule, listed: readonly ListedTag[]): readonly string[] {
  const rule: ReplicationRule = { name: "one", repositories: ["*"], exclude: [], tags };
  return selectTags(rule, { name: "registry/app", tags: listed }, now).map(({ tag }) => tag);
}

/** `1.0@50` was pushed 50 milliseconds ago; without @ nobody knows. */
function listed(...texts: readonly string[]): ListedTag[] {
  return texts.map((text) => {
    const [tag = "", ago] = text.split("@");
    return { tag, ...(ago !== undefined && { pushedAt: now - Number(ago) }) };
  });
}

const any = versionRange("*", { prerelease: true });

describe("selecting tags", () => {
  it.each<[string, TagRule, readonly ListedTag[], readonly string[]]>([
    ["all, by name where no time is told", {}, listed("b", "c", "a"), ["a", "b", "c"]],
    ["all, the last pushed first", {}, listed("a@30", "b@10", "c@20"), ["b", "c", "a"]],
    ["the newest by time", { newest: 2 }, listed("a@30", "b@10", "c@20"), ["b", "c"]],
    ["by name among equal times", { newest: 1 }, listed("b@10", "a@10"), ["a"]],
    [
      "the newest by version, not by time",
      { versions: any, newest: 2 },
      listed("1.9.0@1", "1.10.0@9", "1.2.0@0"),
      ["1.10.0", "1.9.0"],
    ],
    [
      "prereleases before their release",
      { versions: any },
      listed("1.0.0-rc.2", "1.0.0", "1.0.0-rc.10"),
      ["1.0.0", "1.0.0-rc.10", "1.0.0-rc.2"],
    ],
    ["the newest of what is left", { exclude: ["c"], newest: 1 }, listed("c@1", "b@2", "a@3"), ["b"]],
    [
      "what was pushed since, to the millisecond",
      { pushedSinceMs: 20 },
      listed("a@21", "b@20", "c@0"),
      ["c", "b"],
    ],
    [
      "by expression",
      { expression: linearExpression("main-[0-9a-f]{7}") },
      listed("main-0a1b2c3", "main-x", "dev"),
      ["main-0a1b2c3"],
    ],
    ["nothing of nothing", { newest: 3, pushedSinceMs: 1 }, [], []],
  ])("%s", (_what, rule, tags, selected) => {
    expect(select(rule, tags)).toEqual(selected);
  });

  it.each<[string, TagRule]>([
    ["newest", { newest: 1 }],
    ["pushedSince", { pushedSinceMs: 5 }],
    ["pushedSince", { pushedSinceMs: 5, versions: any }],
  ])("says that the registry tells no times, for %s", (field, rule) => {
    expect(() => select(rule, listed("1.0.0", "2.0.0@1"))).toThrow(
      expect.objectContaining({ code: "Unsupported", message: expect.stringContaining(field) }),
    );
  });

  const someTags = fc.uniqueArray(
    fc.record({
      tag: fc.oneof(
        fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).map((parts) => parts.join(".")),
        fc.constantFrom("latest", "main", "v1.0.0", "1.0.0-rc.1", "2.0.0-beta"),
      ),
      pushedAt: fc.integer({ min: 0, max: now }),
    }),
    { selector: ({ tag }) => tag, maxLength: 20 },
  );
  const someRule: fc.Arbitrary<TagRule> = fc.record(
    {
      include: fc.constantFrom(["*"], ["1.*", "v*"]),
      exclude: fc.constantFrom(["*-*"], ["*.9"]),
      versions: fc.constantFrom(any, versionRange(">=1 <5", { prerelease: false })),
      newest: fc.integer({ min: 1, max: 5 }),
      pushedSinceMs: fc.integer({ min: 1, max: now }),
    },
    { requiredKeys: [] },
  );

  it("hangs on no order, selects what is listed, and selects the same again of what it selected", () => {
    fc.assert(
      fc.property(someTags, someRule, fc.nat(), (tags, rule, turn) => {
        const selected = select(rule, tags);
        const turned = tags.slice(turn % (tags.length + 1)).concat(tags.slice(0, turn % (tags.length + 1)));
        expect(select(rule, turned.toReversed())).toEqual(selected);
        expect(new Set(selected).size).toBe(selected.length);
        const again = tags.filter(({ tag }) => selected.includes(tag));
        expect(again.length).toBe(selected.length);
        expect(select(rule, again)).toEqual(selected);
        expect(selected.length).toBeLessThanOrEqual(rule.newest ?? tags.length);
      }),
    );
  });

  it("selects more or the same with every condition that is taken away", () => {
    fc.assert(
      fc.property(someTags, someRule, (tags, rule) => {
        const { newest: _, ...wider } = rule;
        const all = select(wider, tags);
        expect(select(rule, tags)).toEqual(all.slice(0, rule.newest));
        const { pushedSinceMs: __, ...widest } = wider;
        expect(select(widest, tags)).toEqual(expect.arrayContaining([...all]));
      }),
    );
  });
});
