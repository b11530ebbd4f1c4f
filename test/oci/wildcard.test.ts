import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesWildcard } from "../../job/oci/wildcard.ts";

describe("matchesWildcard", () => {
  it.each<[string, string, boolean]>([
    ["latest", "latest", true],
    ["latest", "latest-2", false],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["v*", "v", true],
    ["*-rc", "1-rc", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "a-c-b", false],
    ["a*b*c", "abbc", true],
    ["*ab*ab*", "ab", false],
    ["*ab*ab*", "abab", true],
    ["a.b", "axb", false],
    ["v**1", "v1", true],
    ["team/*", "team/a/b", true],
  ])("%j and %j: %s", (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected);
  });

  it("agrees with a regular expression", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    const words = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
    fc.assert(
      fc.property(letters, words, (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text);
        expect(matchesWildcard(pattern, text)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("stays linear on patterns that make others backtrack", () => {
    const started = performance.now();
    expect(matchesWildcard(`${"a*".repeat(60)}b`, "a".repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
