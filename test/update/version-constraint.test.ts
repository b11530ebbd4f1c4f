import fc from "fast-check";
import { satisfies } from "semver";
import { describe, expect, it } from "vitest";
import { hasCode } from "../../job/error.ts";
import { tagVersion } from "../../job/update/tag-version.ts";
import { versionConstraint } from "../../job/update/version-constraint.ts";

const strict = { prerelease: false, lenient: false };

const admitted = (text: string, tags: string, options = strict) =>
  tags
    .split(" ")
    .filter((tag) => versionConstraint(text, options).versionOf(tag) !== undefined)
    .join(" ");

describe("a constraint on versions", () => {
  it.each([
    // npm's words
    ["", "1.0.0 v2.3.4 0.0.1", "1.0.0 v2.3.4 0.0.1"],
    ["*", "1.0.0 2.0.0-rc.1", "1.0.0"],
    ["1.2.3", "1.2.3 v1.2.3 1.2.4", "1.2.3 v1.2.3"],
    ["v1.2.3", "1.2.3 v1.2.3 1.2.4", "1.2.3 v1.2.3"],
    ["^1.2", "1.1.9 1.2.0 1.9.0 2.0.0", "1.2.0 1.9.0"],
    ["^0.2.3", "0.2.2 0.2.3 0.2.9 0.3.0", "0.2.3 0.2.9"],
    ["^0.0.3", "0.0.3 0.0.4", "0.0.3"],
    ["~1.26", "1.25.9 1.26.0 1.26.7 1.27.0", "1.26.0 1.26.7"],
    ["~>1.26", "1.25.9 1.26.7 1.27.0", "1.26.7"],
    ["~1", "0.9.0 1.0.0 1.9.9 2.0.0", "1.0.0 1.9.9"],
    ["1.2.x", "1.2.0 1.2.12 1.3.0", "1.2.0 1.2.12"],
    ["1.X", "1.0.0 1.15.2 2.0.0", "1.0.0 1.15.2"],
    ["1.*", "1.15.2 2.0.0", "1.15.2"],
    [">1.2", "1.2.0 1.2.9 1.3.0", "1.3.0"],
    [">=1.2 <3", "1.1.0 1.2.0 2.9.9 3.0.0", "1.2.0 2.9.9"],
    [">= 1.2, < 3.0.0", "1.1.0 1.2.0 2.9.9 3.0.0", "1.2.0 2.9.9"],
    ["=>1.2,=<2.0.0", "1.1.0 1.2.0 2.0.0 2.0.1", "1.2.0 2.0.0"],
    ["1.2 - 1.4", "1.1.9 1.2.0 1.4.9 1.5.0", "1.2.0 1.4.9"],
    ["1.x || >=3.1", "1.0.0 2.0.0 3.0.9 3.1.0", "1.0.0 3.1.0"],
    ["^1.2, !=1.5.1", "1.5.0 1.5.1 1.5.2", "1.5.0 1.5.2"],
    ["1.x !=1.5", "1.4.0 1.5.0 1.5.9 1.6.0", "1.4.0 1.6.0"],
    ["=1.2", "1.2.0 1.2.9 1.3.0", "1.2.0 1.2.9"],
    // prereleases
    ["1.x", "1.2.0-rc.1 1.2.0", "1.2.0"],
    ["2.x-0", "2.0.0-rc.1 2.0.0 2.1.0-beta 3.0.0-rc.1", "2.0.0-rc.1 2.0.0 2.1.0-beta"],
    [">=1.2.3-0", "1.2.3-alpha 1.2.3 1.9.0-rc.2 1.2.2", "1.2.3-alpha 1.2.3 1.9.0-rc.2"],
    ["1.x || 2.x-0", "1.1.0-rc.1 1.1.0 2.0.0-rc.1", "1.1.0 2.0.0-rc.1"],
    ["1.2.3-rc.2", "1.2.3-rc.1 1.2.3-rc.2 1.2.3", "1.2.3-rc.2"],
    // what is no version is never meant
    ["*", "latest 1 1.2 1.2.3.4 =1.2.3 01.2.3 main-1.2.3 1.2.3_4", ""],
  ])("%j admits of %j: %j", (text, tags, expected) => {
    expect(admitted(text, tags)).toBe(expected);
  });

  it("counts prereleases everywhere when told to", () => {
    expect(admitted("^1.2", "1.2.0-rc.1 1.3.0-rc.1 2.0.0-rc.1", { ...strict, prerelease: true })).toBe(
      "1.2.0-rc.1 1.3.0-rc.1",
    );
  });

  it("means what it means to npm, whatever is put together", () => {
    const number = fc.nat(3);
    const version = fc.tuple(number, number, number).map((numbers) => numbers.join("."));
    const comparator = fc
      .tuple(fc.constantFrom("", "=", ">", ">=", "<", "<=", "~", "^"), version)
      .map((parts) => parts.join(""));
    const group = fc.array(comparator, { minLength: 1, maxLength: 3 });
    const separator = fc.constantFrom(" ", ", ", ",", "  ");
    const constraint = fc.array(group, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(constraint, separator, version, (groups, between, tag) => {
        const written = groups.map((words) => words.join(between)).join(" || ");
        const npm = groups.map((words) => words.join(" ")).join(" || ");
        expect(versionConstraint(written, strict).versionOf(tag) !== undefined).toBe(satisfies(tag, npm));
      }),
    );
  });

  it("reads or refuses any text at once", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 130 }), (text, tag) => {
        try {
          versionConstraint(text, { prerelease: true, lenient: true }).versionOf(tag);
        } catch (error) {
          expect(hasCode(error, "InvalidConfiguration")).toBe(true);
        }
      }),
    );
  });

  it("takes versions with fewer numbers where it is lenient", () => {
    const lenient = { prerelease: false, lenient: true };
    expect(admitted("1.x", "1 v1.2 1.2 1.2-rc.1 2 1.2.3 01.2", lenient)).toBe("1 v1.2 1.2 1.2.3 01.2");
    expect(admitted("*", "20240131 2024.01 latest", lenient)).toBe("20240131 2024.01");
  });

  it.each([
    "^",
    "latest",
    "1.2.3.4",
    "1..2",
    ">=a",
    "1.2 -",
    "1 - 2 - 3",
    ">=1 - 2",
    "1.2.3!",
    "x".repeat(300),
    "^1.2 && 3",
  ])("refuses %j", (text) => {
    let thrown: unknown;
    try {
      versionConstraint(text, strict);
    } catch (error) {
      thrown = error;
    }
    expect(hasCode(thrown, "InvalidConfiguration")).toBe(true);
  });
});

describe("the order of versions", () => {
  // https://semver.org/#spec-item-11
  it("is that of the specification", () => {
    const ordered =
      "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 2.0.0 2.1.0 2.1.1".split(
        " ",
      );
    const shuffled = [...ordered].reverse();
    const versionOf = (tag: string) => tagVersion(tag, false) ?? expect.fail(tag);
    expect(shuffled.sort((a, b) => versionOf(a).compare(versionOf(b)))).toEqual(ordered);
  });
});
