import { describe, expect, it } from "vitest";
import { asText, listOf, oneOf, parseBoolean, parseConcurrency } from "../../job/config/setting-values.ts";

describe("parseBoolean", () => {
  it.each(["true", "TRUE", "1", "yes", "on"])("%s is true", (text) => expect(parseBoolean(text)).toBe(true));
  it.each(["false", "False", "0", "no", "off"])("%s is false", (text) =>
    expect(parseBoolean(text)).toBe(false),
  );
  it.each(["", "2", "maybe"])("%j is neither", (text) => {
    expect(() => parseBoolean(text)).toThrow(
      `Cannot use ${JSON.stringify(text)}: it is neither true nor false`,
    );
  });
});

describe("parseConcurrency", () => {
  it.each([
    ["1", 1],
    ["16", 16],
    ["256", 256],
  ])("reads %s", (text, value) => expect(parseConcurrency(text)).toBe(value));
  it.each(["", "0", "257", "-1", "1.5", "1e2", "many", "9".repeat(40)])("refuses %j", (text) => {
    expect(() => parseConcurrency(text)).toThrow("it is no number of transfers");
  });
});

it("oneOf takes its words alone", () => {
  const parse = oneOf("a", "b");
  expect(parse("a")).toBe("a");
  expect(() => parse("A")).toThrow(expect.objectContaining({ hint: "Write one of a, b" }));
});

it("listOf separates at commas and line ends", () => {
  expect(listOf(asText)("a, b c\n\nd,")).toEqual(["a", "b c", "d"]);
  expect(listOf(asText)("")).toEqual([]);
});
