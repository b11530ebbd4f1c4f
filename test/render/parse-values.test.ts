import { describe, expect, it } from "vitest";
import { parseValues } from "../../job/render/parse-values.ts";

describe("parseValues", () => {
  it("reads a mapping with anchors and merges, as Helm does", () => {
    expect(parseValues("a: &x {b: 1}\nc:\n  <<: *x\n  d: [true, null, 1.5, text]\n", "values.yaml")).toEqual({
      a: { b: 1 },
      c: { b: 1, d: [true, null, 1.5, "text"] },
    });
  });

  it.each(["", "# nothing\n", "---\n", "null\n"])("reads no values from %j", (text) => {
    expect(parseValues(text, "values.yaml")).toEqual({});
  });

  it.each([
    ["- a\n", /^values\.yaml:1:1: Values are a mapping/],
    ["a: 1\n---\nb: 2\n", /^values\.yaml:1:1: Values are one document/],
    ["a: 1\n b: 2\n", /^values\.yaml:1:4: /],
    ["a: *nowhere\n", /^values\.yaml:1:4: No anchor/],
  ])("refuses %j", (text, message) => {
    expect(() => parseValues(text, "values.yaml")).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration", message: expect.stringMatching(message) }),
    );
  });
});
