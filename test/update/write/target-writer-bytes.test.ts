import fc from "fast-check";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { UpdateTarget } from "../../../job/update/application.ts";
import { targetWriter } from "../../../job/update/write/target-writer.ts";
import { memoryTree } from "./memory-tree.ts";

/** How a version may stand in a file: plain, in quotes, with a tag or an anchor of YAML. */
const spellings: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `"${value}"`,
  (value) => `'${value}'`,
  (value) => `!!str "${value}"`,
  (value) => `&anchor '${value}'`,
];

const comment = fc.constantFrom("", " # c", "   #'\"{[: &*!", "\t# ünïcødé 🚢");
const filler = fc.constantFrom(
  "# a line",
  "",
  "x: [1, {a: 'b'}, \"c\"]",
  "y:   &y\n  z: >-\n    folded\n    text",
  "list:\n- a # 1\n-   b\n- |\n  block\n\n  more",
  "'quoted key': \"a\\tb\"",
  "merged:\n  <<: {k: v}",
  "empty:",
  "{{no}}: 1",
);
const tag = fc.stringMatching(/^[\w][\w.-]{0,20}$/);

/** Lines of YAML with keys of their own. */
const others = (letter: string) =>
  fc
    .array(filler, { maxLength: 5 })
    .map((lines) => lines.map((line, index) => numbered(line, `${letter}${index}`)).join("\n"));

function numbered(text: string, index: string): string {
  return text
    .replace(/^('?)(\w)/, `$1k${index}$2`)
    .replace("&y", `&y${index}`)
    .replace(/^\{\{no\}\}: 1$/, "");
}

const shapes: readonly { readonly target: UpdateTarget; text(value: string, rest: string): string }[] = [
  {
    target: { kind: "values", path: "f", fields: { tag: "a.b[1].tag" } },
    text: (value, rest) => `a:\n    b:\n    - 1\n    - other: x\n      tag: ${value}${rest}`,
  },
  {
    target: { kind: "kustomization", path: "f.yaml", name: "n" },
    text: (value, rest) => `images:\n  - name: n\n    newTag: ${value}${rest}`,
  },
  {
    target: { kind: "field", path: "f", field: "K:s[*].image" },
    text: (value, rest) => `kind: K\ns: # s\n- image: ${value}${rest}`,
  },
];

/** Where two texts differ: what is between their common beginning and their common end. */
function difference(before: string, after: string): readonly [string, string] {
  let begin = 0;
  while (begin < before.length && before[begin] === after[begin]) begin += 1;
  let end = 0;
  while (end < Math.min(before.length, after.length) - begin && before.at(-1 - end) === after.at(-1 - end))
    end += 1;
  return [before.slice(begin, before.length - end), after.slice(begin, after.length - end)];
}

it("changes no byte but those of the value, and is read as it was meant", async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...shapes),
    fc.constantFrom(...spellings),
    fc.record({ from: tag, to: tag, above: others("u"), below: others("v"), comment }),
    fc.record({ bom: fc.boolean(), crlf: fc.boolean(), marker: fc.boolean(), end: fc.boolean() }),
    async (
      { target, text },
      spell,
      { from, to, above, below, comment: rest },
      { bom, crlf, marker, end },
    ) => {
      const isField = target.kind === "field";
      const old = isField ? `n:${from}` : from;
      const head = `${marker ? "---\n" : ""}${above === "" ? "" : `${above}\n`}`;
      const lf = `${bom ? "\uFEFF" : ""}${head}${text(spell(old), rest)}\n${below}${end ? "\n" : ""}`;
      const before = crlf ? lf.replaceAll("\n", "\r\n") : lf;
      const path = target.path;
      const tree = memoryTree({ [path]: before });
      await targetWriter.write(tree, target, { name: "n", tag: to });
      const after = tree.files.get(path) ?? "";
      const [gone, come] = difference(before, after);
      // Nothing but the old value went, nothing but the new one came; quotes are added where YAML needs them.
      expect(spell(old) + old).toContain(gone.replace(/^["']|["']$/g, ""));
      expect(`"${isField ? "n:" : ""}${to}"'${to}'`).toContain(come);
      expect(await targetWriter.current(tree, target)).toMatchObject({ tag: to });
      for (const version of ["1.1", "1.2"] as const) {
        const documents = parseAllDocuments(after, { version, logLevel: "silent" });
        const values = JSON.stringify(
          "empty" in documents ? [] : documents.map((document) => document.toJS()),
        );
        // A text for every reader: never a number, a date or a truth.
        expect(values).toContain(JSON.stringify(isField ? `n:${to}` : to));
      }
      expect(await targetWriter.write(tree, target, { name: "n", tag: to })).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 400 });
});
