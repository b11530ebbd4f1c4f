import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearExpression } from "../../job/replication/linear-expression.ts";

describe("a linear expression", () => {
  it.each([
    ["v\\d+\\.\\d+", "v1.20", true],
    ["v\\d+\\.\\d+", "v1.20-rc", false],
    ["^v1$", "v1", true],
    ["^v1\\$", "v1$", true],
    ["^v1\\\\$", "v1\\", true],
    ["a|bc", "bc", true],
    ["a|bc", "ac", false],
    ["(?:a|b){2,3}", "abab", false],
    ["(a|b){2,}", "ababab", true],
    ["x{0}y", "y", true],
    ["[^a-c.]", "d", true],
    ["[^a-c.]", ".", false],
    ["[\\w-]+", "a-b_C", true],
    ["[a-]", "-", true],
    ["", "", true],
    ["(|a)b?", "", true],
  ])("%s on %s: %s", (expression, text, matches) => {
    expect(linearExpression(expression).matches(text)).toBe(matches);
  });

  it.each([
    ["(", "is not closed"],
    [")", "has no ( before it"],
    ["[a", "is not closed"],
    ["[]", "has nothing in it"],
    ["[z-a]", "reversed"],
    ["*", "nothing before it"],
    ["a**", "repeated"],
    ["a+?", "not greedy"],
    ["a{3,1}", "reversed"],
    ["a{x}", "begins no"],
    ["(?=a)", "looks around"],
    ["(?<n>a)", "looks around"],
    ["(a)\\1", "not known"],
    ["a^b", "neither its beginning"],
    ["\\", "nothing behind"],
    ["((a{100}){100}){100}", "too large"],
    ["(".repeat(60), "too deep"],
    ["a".repeat(513), "more than 512"],
  ])("refuses %s", (expression, reason) => {
    expect(() => linearExpression(expression)).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration", message: expect.stringContaining(reason) }),
    );
  });

  it("agrees with the language's own expressions, matched whole", () => {
    const plain = fc.constantFrom("a", "b", ".", "\\d", "\\w", "[ab]", "[^a]", "\\.", "1");
    const times = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,2}", "{0,}");
    const over = (item: fc.Arbitrary<string>) =>
      fc
        .array(
          fc.array(fc.tuple(item, times), { maxLength: 3 }).map((items) => items.flat().join("")),
          { minLength: 1, maxLength: 3 },
        )
        .map((options) => options.join("|"));
    const grouped = (inner: fc.Arbitrary<string>) =>
      fc.oneof(
        plain,
        inner.map((text) => `(?:${text})`),
      );
    // Deeper ones would keep the language's own expressions busy for minutes.
    const expression = over(grouped(over(grouped(over(plain)))));
    fc.assert(
      fc.property(
        expression,
        fc.string({ unit: fc.constantFrom("a", "b", "1", "."), maxLength: 6 }),
        (text, tag) => {
          const own = new RegExp(`^(?:${text})$`);
          expect(linearExpression(text).matches(tag)).toBe(own.test(tag));
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each(["(a*)*b", "(a|a)*b", "(a|aa)+b", "((a+)+)+b", "(.*)*(.*)*b"])("is not held up by %s", (text) => {
    const expression = linearExpression(text);
    const begun = performance.now();
    expect(expression.matches("a".repeat(10_000))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
