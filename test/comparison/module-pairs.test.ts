import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modulePairs, nameBelow } from "../../job/comparison/module-pairs.ts";
import { formatReference, parseReference } from "../../job/oci/reference.ts";

const prefix = (host: string, path = "") => ({ host, prefix: path });
const known = [prefix("a.test"), prefix("p.test"), prefix("p.test", "staging")];
const namesOf = (a: readonly string[], b: readonly string[], prefixes = known) =>
  modulePairs(a.map(parseReference), b.map(parseReference), prefixes).map((pair) => [
    pair.module,
    pair.a.map(formatReference),
    pair.b.map(formatReference),
  ]);

describe("modulePairs", () => {
  it.each([
    ["p.test/staging/team/app:1", "team/app"],
    ["p.test/stagingteam/app:1", "stagingteam/app"],
    ["p.test/team/app:1", "team/app"],
    ["a.test/team/app:1", "team/app"],
    ["other.test/team/app:1", undefined],
  ])("%s goes by %s", (image, name) => expect(nameBelow(parseReference(image), known)).toBe(name));

  it("brings together what has the same name below hosts and prefixes", () => {
    expect(namesOf(["p.test/staging/app:1", "p.test/staging/app:2"], ["p.test/app:1"])).toEqual([
      ["app", ["p.test/staging/app:1", "p.test/staging/app:2"], ["p.test/app:1"]],
    ]);
  });

  it("keeps foreign images apart from ours, and by their whole name where both sides have them", () => {
    expect(namesOf(["quay.io/app:1", "a.test/other:1"], ["quay.io/app:2", "p.test/app:1"])).toEqual([
      ["app", [], ["p.test/app:1"]],
      ["other", ["a.test/other:1"], []],
      ["quay.io/app", ["quay.io/app:1"], ["quay.io/app:2"]],
    ]);
  });

  it("loses no image and doubles none", () => {
    const image = fc
      .tuple(
        fc.constantFrom("a.test", "p.test", "p.test/staging", "x.test"),
        fc.constantFrom("a", "b/c"),
        fc.constantFrom("1", "2"),
      )
      .map(([host, name, tag]) => `${host}/${name}:${tag}`);
    fc.assert(
      fc.property(fc.uniqueArray(image), fc.uniqueArray(image), (a, b) => {
        const pairs = namesOf(a, b);
        expect(pairs.flatMap(([, ofA]) => ofA).sort()).toEqual(a.toSorted());
        expect(pairs.flatMap(([, , ofB]) => ofB).sort()).toEqual(b.toSorted());
      }),
      { numRuns: 50 },
    );
  });
});
