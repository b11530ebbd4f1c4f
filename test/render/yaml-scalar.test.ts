import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { canonicalJson, yamlBlock, yamlScalar } from "../../job/render/yaml-scalar.ts";
import { wickedTexts } from "../chart/any-values.ts";

describe("yamlScalar", () => {
  it.each(wickedTexts)("keeps %j a text, by either version of YAML", (text) => {
    for (const version of ["1.1", "1.2"] as const) expect(parse(yamlScalar(text), { version })).toBe(text);
  });

  it.each([
    [2, "2"],
    [true, "true"],
    [null, "null"],
    [undefined, "null"],
  ])("writes %j as it is", (value, text) => {
    expect(yamlScalar(value)).toBe(text);
  });

  it("escapes what YAML does not let stand in a file", () => {
    expect(yamlScalar("\u007f\u0085\ufeff\u2028")).toBe(String.raw`"\u007f\u0085\ufeff\u2028"`);
  });

  it("stays in its line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(yamlScalar(text)).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
        expect(parse(yamlScalar(text))).toBe(text);
      }),
    );
  });
});

describe("yamlBlock", () => {
  it("writes fields and lists in blocks, and empty ones in place", () => {
    const value = { a: { b: [1, { c: "d", e: [] }, [2]], f: {} }, on: "x", "k8s.io/name": "y", "a b": null };
    expect(yamlBlock(value)).toBe(
      [
        "a:",
        "  b:",
        "    - 1",
        '    - c: "d"',
        "      e: []",
        "    - - 2",
        "  f: {}",
        '"on": "x"',
        'k8s.io/name: "y"',
        '"a b": null',
      ].join("\n"),
    );
  });

  it("is read as what it was, by either version of YAML", () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(...wickedTexts),
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(
          fc.oneof(fc.constantFrom(...wickedTexts), fc.string()).filter((key) => key !== "__proto__"),
          tie("value"),
          { maxKeys: 3 },
        ),
      ),
    }));
    fc.assert(
      fc.property(value, (written) => {
        for (const version of ["1.1", "1.2"] as const)
          expect(parse(yamlBlock(written), { version })).toEqual(written);
      }),
    );
  });
});

describe("canonicalJson", () => {
  it("orders keys by their bytes, also those that are numbers", () => {
    expect(canonicalJson({ b: 1, "6": 2, "0o17": 3, "\u{1f6a2}": 4, "\uffee": 5 })).toBe(
      '{"0o17":3,"6":2,"b":1,"\uffee":5,"\u{1f6a2}":4}',
    );
  });

  it("escapes what Go escapes", () => {
    expect(canonicalJson("<a>&\u2028")).toBe(String.raw`"\u003ca\u003e\u0026\u2028"`);
  });

  it("leaves out what is undefined, and indents as JSON.stringify does", () => {
    const value = { a: [1, { b: [] }], c: {}, d: undefined };
    expect(canonicalJson(value, 2)).toBe(JSON.stringify(value, undefined, 2));
    expect(canonicalJson(value)).toBe(JSON.stringify(value));
  });
});
