import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { namedTests, titlesIn, unheld } from "./held-by.ts";

describe.each([
  ["docs/promises.md", 60],
  ["docs/fault-cases.md", 55],
  ["SECURITY.md", 12],
])("%s", (page, atLeast) => {
  it("names tests that there are", async () => {
    const named = namedTests(await readFile(page, "utf8"));
    expect(named.length).toBeGreaterThanOrEqual(atLeast);
    expect(await unheld(page)).toEqual([]);
  });
});

it("every promise has a test that holds it", async () => {
  const [promises = ""] = (await readFile("docs/promises.md", "utf8")).split("## From a run");
  const rows = rowsOf(promises);
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => namedTests(row).length === 0)).toEqual([]);
});

it("every fault case from 01 to 55 has its line, with a test or with the reason why there is none", async () => {
  const rows = rowsOf(await readFile("docs/fault-cases.md", "utf8"));
  const numbers = rows.map((row) => /^\| (\d\d) /.exec(row)?.[1]);
  expect(numbers).toEqual(Array.from({ length: 55 }, (_, at) => String(at + 1).padStart(2, "0")));
  const without = rows.filter((row) => namedTests(row).length === 0);
  expect(without.filter((row) => !/\| No test: .{20,} \|$/.test(row))).toEqual([]);
});

describe("the check itself", () => {
  it("reads titles behind each, skipIf and rows of tables, and no other texts", async () => {
    const titles = await titlesIn("test/edges/ipv6.test.ts");
    expect(titles).toContain("a host that has an address of IPv6 only");
    expect(titles).toContain("is reached by its name");
    expect(titles).not.toContain("registry6.test");
    expect(await titlesIn("test/edges/output.test.ts")).toContain("on a full disk");
  });

  it("reads no test out of other links", () => {
    expect(namedTests("[a](../job/error.ts) [b](errors.md) [c](../test/a/b.test.ts)")).toEqual([
      { title: "c", file: "test/a/b.test.ts" },
    ]);
  });
});

/** The rows of all tables, without their heads. */
function rowsOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.filter((line, at) => {
    const isHead = /^\| *-/.test(lines[at + 1] ?? "") || /^\| *-/.test(line);
    return line.startsWith("| ") && !isHead;
  });
}
