import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandVariables, matchesWildcard } from "../emulator/iam/wildcard.ts";

/** The definition, without any cleverness. */
function matchesByDefinition(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const [first] = pattern;
  const rest = pattern.slice(1);
  if (first === "*")
    return matchesByDefinition(rest, text) || (text !== "" && matchesByDefinition(pattern, text.slice(1)));
  return text !== "" && (first === "?" || first === text[0]) && matchesByDefinition(rest, text.slice(1));
}

describe("matchesWildcard", () => {
  it.each([
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a*c", "abbbc", true],
    ["a*c", "abbb", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["*a*b*", "xaxbx", true],
    ["a.c", "abc", false],
    ["a**b", "ab", true],
  ])("%j on %j: %s", (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected);
  });

  it("agrees with the definition", () => {
    const words = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 7 });
    const texts = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 9 });
    fc.assert(
      fc.property(words, texts, (pattern, text) => {
        expect(matchesWildcard(pattern, text)).toBe(matchesByDefinition(pattern, text));
      }),
    );
  });

  it("is quick where a backtracking matcher is not", () => {
    const started = performance.now();
    expect(matchesWildcard(`${"a*".repeat(200)}b`, "a".repeat(20_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("policy variables", () => {
  const dollar = (expression: string) => ["$", "{", expression, "}"].join("");
  const variables = (name: string) => ({ team: "blue*", empty: "" })[name];

  it.each([
    [dollar("team"), "blue*"],
    [`x-${dollar("team")}-y`, "x-blue*-y"],
    [dollar("empty"), ""],
    [dollar("absent"), undefined],
    [dollar("absent, 'none'"), "none"],
    [dollar("team, 'none'"), "blue*"],
    [dollar("*"), "*"],
    [dollar("?"), "?"],
    [dollar("$"), "$"],
    ["$" + "{open", "$" + "{open"],
  ])("%j stands for %j", (text, expected) => {
    expect(expandVariables(text, variables)).toBe(expected);
  });

  it("never match as wildcards", () => {
    expect(matchesWildcard(dollar("team"), "blue*", variables)).toBe(true);
    expect(matchesWildcard(dollar("team"), "blueish", variables)).toBe(false);
    expect(matchesWildcard(dollar("*"), "anything", variables)).toBe(false);
    expect(matchesWildcard(dollar("absent"), "", variables)).toBe(false);
  });
});
