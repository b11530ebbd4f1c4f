import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentRanges } from "../../job/render/document-range.ts";

const cut = (text: string) => documentRanges(text).map(({ start, end }) => text.slice(start, end));

describe("documentRanges", () => {
  it.each<[string, string, readonly string[]]>([
    ["nothing", "", []],
    ["one document", "a: 1\n", ["a: 1\n"]],
    ["one document without a last line end", "a: 1", ["a: 1"]],
    ["a separator first", "---\na: 1\n", ["---\na: 1\n"]],
    ["two documents", "a: 1\n---\nb: 2\n", ["a: 1\n", "---\nb: 2\n"]],
    ["a byte order mark", "\uFEFFa: 1\n---\nb: 2", ["a: 1\n", "---\nb: 2"]],
    ["a byte order mark before a separator", "\uFEFF---\na: 1\n", ["---\na: 1\n"]],
    ["content behind the separator", "--- {a: 1}\n--- # b\nb: 2\n", ["--- {a: 1}\n", "--- # b\nb: 2\n"]],
    ["Windows line ends", "a: 1\r\n---\r\nb: 2\r\n", ["a: 1\r\n", "---\r\nb: 2\r\n"]],
    [
      "the end of a document, and a directive",
      "a: 1\n...\n%YAML 1.2\n---\nb: 2\n",
      ["a: 1\n", "---\nb: 2\n"],
    ],
    ["dashes that separate nothing", "---a: 1\n----\n ---\n", ["---a: 1\n----\n ---\n"]],
    ["a separator inside a block, which is none there", "a: |\n  ---\n  b\n", ["a: |\n  ---\n  b\n"]],
  ])("cuts %s", (_what, text, expected) => {
    expect(cut(text)).toEqual(expected);
  });

  it("loses no character of streams that have no document ends", () => {
    const line = fc.constantFrom("a: 1", "---", "--- # x", "# c", "", "  - b");
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom("\n", "\r\n"), (lines, lineEnd) => {
        const text = lines.join(lineEnd);
        expect(cut(text).join("")).toBe(text);
      }),
    );
  });
});
