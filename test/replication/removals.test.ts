import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Digest, digestOf } from "../../job/oci/digest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import type { HeldImage } from "../../job/replication/catalog.ts";
import type { ManifestRelations } from "../../job/replication/relations.ts";
import { chooseRemovals, type Holding } from "../../job/replication/removals.ts";

function d(name: string): Digest {
  return digestOf(Buffer.from(name));
}

interface Drawn {
  readonly tags?: readonly string[];
  readonly members?: readonly string[];
  readonly subject?: string;
  readonly archived?: boolean;
}

/** A repository drawn by names; tags that begin with `old` are what rules no longer want. */
function holding(drawn: Readonly<Record<string, Drawn>>, changes: Partial<Holding> = {}): Holding {
  const images = Object.entries(drawn).map(
    ([name, { tags = [], members, subject, archived = false }]): HeldImage => ({
      digest: d(name),
      tags,
      mediaType: members === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex,
      ...(subject !== undefined && { subject: d(subject) }),
      archived,
    }),
  );
  const contents = new Map<Digest, ManifestRelations>(
    Object.entries(drawn).map(([name, { members = [] }]) => [d(name), { members: members.map(d) }]),
  );
  return {
    images,
    contents,
    isGoverned: (tag) => !tag.startsWith("free"),
    whyKept: (tag) => (tag.startsWith("old") ? undefined : "wanted"),
    usedBy: new Map(),
    ...changes,
  };
}

function removed(given: Holding, names: readonly string[]): string[][] {
  const { waves } = chooseRemovals(given);
  return waves.map((wave) =>
    wave.map(({ digest }) => names.find((name) => d(name) === digest) ?? digest).sort(),
  );
}

describe("what a registry does not list", () => {
  it("keeps its members when it is used, or inside what stays", () => {
    const names = ["m", "n", "o"];
    const given = holding({
      m: { tags: ["old-m"] },
      n: { tags: ["old-n"] },
      o: { tags: ["old-o"] },
      i: { tags: ["new"] },
    });
    const contents = new Map([
      [d("used"), { members: [d("m")] }],
      [d("i"), { members: [d("inner")] }],
      [d("inner"), { members: [d("n")] }],
    ]);
    const usedBy = new Map([[d("used"), "Pod shop/web"]]);
    expect(removed({ ...given, contents, usedBy }, names)).toEqual([["o"]]);
  });
});

describe("what goes", () => {
  it.each<[string, Record<string, Drawn>, string[][]]>([
    ["nothing of nothing", {}, []],
    ["what no rule wants", { a: { tags: ["old"] }, b: { tags: ["new"] } }, [["a"]]],
    ["nothing with a wanted tag beside", { a: { tags: ["old", "new"] } }, []],
    ["nothing with a tag that rules are not about", { a: { tags: ["old", "free"] } }, []],
    ["nothing archived", { a: { tags: ["old"], archived: true } }, []],
    ["nothing untagged on its own", { a: {}, b: { tags: ["old"] } }, [["b"]]],
    [
      "an index before its members",
      { i: { tags: ["old"], members: ["m", "n"] }, m: {}, n: {} },
      [["i"], ["m", "n"]],
    ],
    [
      "no member of an index that stays",
      { i: { tags: ["old"], members: ["m", "n"] }, j: { tags: ["new"], members: ["m"] }, m: {}, n: {} },
      [["i"], ["n"]],
    ],
    [
      "no tagged member of an index that stays",
      { m: { tags: ["old-amd64"] }, i: { tags: ["new"], members: ["m"] } },
      [],
    ],
    [
      "no member of an untagged index that stays",
      { i: { tags: ["old"], members: ["m"] }, j: { members: ["m"] }, m: {} },
      [["i"]],
    ],
    [
      "indexes in indexes, from the outside in",
      { o: { tags: ["old"], members: ["i"] }, i: { members: ["m"] }, m: {} },
      [["o"], ["i"], ["m"]],
    ],
    ["an image before what is attached to it", { a: { tags: ["old"] }, s: { subject: "a" } }, [["a"], ["s"]]],
    ["nothing attached to what stays", { a: { tags: ["new"] }, s: { tags: ["old-sbom"], subject: "a" } }, []],
    [
      "signatures under their own tags",
      {
        a: { tags: ["old"] },
        s: { tags: [`${referrersTag(d("a"))}.sig`] },
        b: { tags: ["new"] },
        t: { tags: [`${referrersTag(d("b"))}.sig`] },
      },
      [["a"], ["s"]],
    ],
    [
      "the list of referrers, and then what it lists",
      { a: { tags: ["old"] }, l: { tags: [referrersTag(d("a"))], members: ["s"] }, s: { subject: "a" } },
      [["a"], ["l"], ["s"]],
    ],
  ])("%s", (_what, drawn, waves) => {
    expect(removed(holding(drawn), Object.keys(drawn))).toEqual(waves);
  });

  it.each<[string, Record<string, Drawn>, string, string[][]]>([
    ["a tag", { a: { tags: ["old-1"] }, b: { tags: ["old-2"] } }, "old-1", [["b"]]],
    ["a digest", { a: { tags: ["old-1"] }, b: { tags: ["old-2"] } }, d("b"), [["a"]]],
    ["a member", { i: { tags: ["old"], members: ["m", "n"] }, m: {}, n: {} }, d("m"), []],
    ["a member that is not listed", { i: { tags: ["old"], members: ["m"] } }, d("m"), []],
    [
      "a member of a member",
      { o: { tags: ["old"], members: ["i"] }, i: { members: ["m"] }, m: {} },
      d("m"),
      [],
    ],
  ])("spares what uses %s", (_what, drawn, target, waves) => {
    const given = holding(drawn, { usedBy: new Map([[target, "Deployment shop/web"]]) });
    expect(removed(given, Object.keys(drawn))).toEqual(waves);
    expect(chooseRemovals(given).spared).toContainEqual(
      expect.objectContaining({ reason: "Used by Deployment shop/web" }),
    );
  });

  it("ends where tags are named for each other's digests in a circle", () => {
    const drawn = {
      a: { tags: ["old", `${referrersTag(d("b"))}.sig`] },
      b: { tags: ["old-2", `${referrersTag(d("a"))}.sig`] },
    };
    expect(removed(holding(drawn), ["a", "b"])).toEqual([["a", "b"]]);
  });

  const names = ["a", "b", "c", "e", "f", "g"];
  /** Members and subjects are drawn from later names, for content cannot name what names it. */
  const repository = fc
    .tuple(
      ...names.map((name, position) =>
        fc.record(
          {
            tags: fc.constantFrom(
              [],
              [`old-${name}`],
              [`new-${name}`],
              [`free-${name}`],
              [`old-${name}`, `new-${name}2`],
            ),
            members: fc.subarray(names.slice(position + 1)),
            subject: fc.constantFrom(...names.slice(position + 1), "elsewhere"),
          },
          { requiredKeys: ["tags"] },
        ),
      ),
    )
    .map((drawn) => Object.fromEntries(names.map((name, position) => [name, drawn[position] ?? {}])));

  it("never takes from what stays: neither a member, nor what is attached, nor what is used", () => {
    fc.assert(
      fc.property(repository, fc.subarray(names), (drawn, used) => {
        const usedBy = new Map(used.map((name) => [d(name), "somebody"]));
        const { waves } = chooseRemovals(holding(drawn, { usedBy }));
        const gone = new Set(waves.flat().map(({ digest }) => digest));
        expect(waves.flat().length).toBe(gone.size);
        for (const [name, { tags = [], members = [], subject }] of Object.entries<Drawn>(drawn)) {
          if (used.includes(name) || tags.some((tag) => !tag.startsWith("old")))
            expect(gone).not.toContain(d(name));
          if (!gone.has(d(name))) for (const member of members) expect(gone).not.toContain(d(member));
          const stays = subject !== undefined && names.includes(subject) && !gone.has(d(subject));
          if (stays) expect(gone).not.toContain(d(name));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("takes nothing where nothing is unwanted", () => {
    fc.assert(
      fc.property(repository, (drawn) => {
        expect(chooseRemovals(holding(drawn, { whyKept: () => "wanted" })).waves).toEqual([]);
      }),
    );
  });
});
