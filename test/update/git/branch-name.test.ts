import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { branchNameFrom, checkBranchName, isBranchName } from "../../../job/update/git/branch-name.ts";

const pieces = fc.constantFrom(
  "a",
  "B9",
  "-",
  ".",
  "..",
  "/",
  "//",
  "@",
  "@{",
  "~",
  ":",
  " ",
  "\u0007",
  "ü",
  ".lock",
);
const anyName = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(""));

describe("the name of a branch", () => {
  it("is one that git takes", () => {
    const names = fc.sample(anyName, { numRuns: 150, seed: 1 }).filter((name) => isBranchName(name));
    expect(names.length).toBeGreaterThan(10);
    // It ends with an error at the first that it does not take.
    for (const name of new Set(names))
      execFileSync("git", ["check-ref-format", "--branch", name], { stdio: "ignore" });
  });

  it("can be made of whatever a template gives, and does not change twice", () => {
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 200 }), (parts) => {
        const text = `x${parts.join("")}`;
        const name = branchNameFrom(text);
        expect(isBranchName(name)).toBe(true);
        expect(branchNameFrom(text)).toBe(name);
      }),
    );
  });

  it.each([
    ["update/api 1.5.0", "update/api-1.5.0"],
    ["refs/../x.lock", "refs/x-lock"],
    ["-x", "x"],
    ["a@{1}", "a-1}"],
  ])("made of %s", (text, name) => expect(branchNameFrom(text)).toBe(name));

  it("tells apart what is too long", () => {
    const [one, other] = [branchNameFrom(`${"a".repeat(300)}1`), branchNameFrom(`${"a".repeat(300)}2`)];
    expect([one.length, other.length]).toEqual([200, 200]);
    expect(one).not.toBe(other);
  });

  it.each(["", "-x", "a..b", "a b", "a.lock", "/a", "a/", "@", "a//b", ".a", "a/.b", "a~1"])(
    "is not %j",
    (name) => {
      expect(() => checkBranchName(name)).toThrow(expect.objectContaining({ code: "InvalidConfiguration" }));
    },
  );

  it("needs a letter or a digit", () => {
    expect(() => branchNameFrom("---")).toThrow(expect.objectContaining({ code: "InvalidConfiguration" }));
  });
});
