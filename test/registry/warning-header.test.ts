import { describe, expect, it } from "vitest";
import { parseWarnings } from "../../job/registry/warning-header.ts";

describe("parseWarnings", () => {
  it.each([
    ['299 - "moving soon"', ["moving soon"]],
    ['299 - "one", 299 - "two, and a half"', ["one", "two, and a half"]],
    ['299 - "a \\"quoted\\" word"', ['a "quoted" word']],
    ['199 - "not for people"', []],
    ['299 other "an agent of its own"', []],
    ['299 - ""', []],
    ["299 - no quotes", []],
    [undefined, []],
  ])("%j says %j", (header, expected) => {
    expect(parseWarnings(header)).toEqual(expected);
  });

  it("looks at no more than the specification allows to send", () => {
    expect(parseWarnings(`299 - "first", ${" ".repeat(5000)}299 - "far away"`)).toEqual(["first"]);
  });
});
