import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hcl, hclText } from "../../job/render/hcl.ts";
import { describeWithTerraform } from "./terraform.ts";

describe("texts", () => {
  it.each([
    ["plain", '"plain"'],
    ['a "quote" and a \\', '"a \\"quote\\" and a \\\\"'],
    ["lines\nand\ttabs\r", '"lines\\nand\\ttabs\\r"'],
    ["100%, $5 and {}", '"100%, $5 and {}"'],
    ["\u0007bell", '"\\u0007bell"'],
    ["ü 文 😀", '"ü 文 😀"'],
  ])("%j", (text, written) => {
    expect(hclText(text)).toBe(written);
  });
});

it("lays objects out with their equals signs in rows", () => {
  const value = { a: 1, longer: "x", list: ["y"], "odd key": true, b: { c: null }, none: [], empty: {} };
  expect(hcl(value, 2)).toBe(`{
    a      = 1
    longer = "x"
    list = [
      "y",
    ]
    "odd key" = true
    b = {
      c = null
    }
    none  = []
    empty = {}
  }`);
});

/** What would be templates in HCL if their signs were not doubled, and what else is odd there. */
const traps = ["$", "$$", "$$$", "%", "%%"]
  .flatMap((sign) => [sign, `${sign}{x}`, `a${sign}{`])
  .concat('"}', "\\", `\\$${"{x}"}`, "<&>", "$%{x}");

describeWithTerraform((terraform) => {
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary-ascii" }),
      fc.boolean(),
      fc.integer(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string({ minLength: 1 }), tie("value"), {
        maxKeys: 5,
        noNullPrototype: true,
      }),
      fc.constantFrom(...traps),
    ),
  })).value;

  it("is laid out as terraform does", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = `locals {\n  value = ${hcl(value, 2)}\n}\n`;
        const formatted = execFileSync(terraform, ["fmt", "-"], {
          input: text,
          stdio: ["pipe", "pipe", "ignore"],
        });
        expect(formatted.toString()).toBe(text);
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it("means to terraform what the JSON means", async () => {
    const values = [...fc.sample(json, { numRuns: 200, seed: 1 }), ...traps, traps.join("")];
    const folder = await mkdtemp(join(tmpdir(), "hcl-"));
    try {
      await writeFile(
        join(folder, "main.tf"),
        `output "values" {\n  value = jsonencode(${hcl(values, 2)})\n}\n`,
      );
      const options = { cwd: folder, stdio: "ignore" } as const;
      execFileSync(terraform, ["apply", "-auto-approve", "-no-color"], options);
      const state = JSON.parse(await readFile(join(folder, "terraform.tfstate"), "utf8"));
      expect(JSON.parse(state.outputs.values.value)).toEqual(
        // Terraform composes letters with their accents.
        JSON.parse(JSON.stringify(values).normalize("NFC")),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});
