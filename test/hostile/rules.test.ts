import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { rules } from "./rules.ts";

describe("every rule against hostile registries", () => {
  it("from S1 to S26 is there", () => {
    const numbered = Object.keys(rules).filter((id) => /^S\d+$/.test(id));
    expect(numbered).toEqual(Array.from({ length: 26 }, (_, at) => `S${at + 1}`));
  });

  it.each(Object.entries(rules))("%s is held by tests that exist, or says why not", async (_id, rule) => {
    const { proofs = [], whyNot } = rule;
    expect(proofs.length > 0 || whyNot !== undefined).toBe(true);
    for (const { file, test } of proofs) {
      const text = await readFile(file, "utf8");
      // As it stands in the source: names may be tables, with their placeholders.
      expect(text.replaceAll('\\"', '"'), `${file} has no test "${test}"`).toContain(test);
    }
  });
});
