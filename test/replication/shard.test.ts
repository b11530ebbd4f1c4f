import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Reference } from "../../job/oci/reference.ts";
import { imagesOfShard, mayHold, type Shard, shardOf, shardSizes } from "../../job/replication/shard.ts";

const host = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const digest = `sha256:${"a".repeat(64)}` as const;

function named(repository: string, tag: string): { readonly destination: Reference } {
  return { destination: { host, repository, tag } };
}

const divisions = fc.record({
  count: fc.integer({ min: 1, max: 200 }),
  by: fc.constantFrom<Shard["by"]>("repository", "image"),
});
const images = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?$/), fc.stringMatching(/^[0-9a-z]{1,12}$/)))
  .map((names) => names.map(([repository, tag]) => named(repository, tag)));

describe("a division into shards", () => {
  it("gives each image to one shard, whatever else is on the list", () => {
    fc.assert(
      fc.property(images, divisions, (list, division) => {
        const shards = Array.from({ length: division.count }, (_, index) =>
          imagesOfShard(list, { index, ...division }),
        );
        expect(shards.flat()).toHaveLength(list.length);
        expect(new Set(shards.flat())).toEqual(new Set(list));
        for (const [index, own] of shards.entries()) {
          for (const image of own) {
            expect(imagesOfShard([image], { index, ...division })).toEqual([image]);
            expect(mayHold({ index, ...division }, image.destination)).toBe(true);
          }
        }
      }),
    );
  });

  it("by repository keeps a repository's images together", () => {
    fc.assert(
      fc.property(images, fc.integer({ min: 1, max: 200 }), (list, count) => {
        for (const { destination } of list) {
          const whole = { count, by: "repository" } as const;
          expect(shardOf(destination, whole)).toBe(shardOf({ ...destination, tag: "another" }, whole));
        }
      }),
    );
  });

  it("by image takes a tag with its digest for the tag", () => {
    const by = { count: 97, by: "image" } as const;
    const tagged: Reference = { host, repository: "app", tag: "1" };
    expect(shardOf({ ...tagged, digest }, by)).toBe(shardOf(tagged, by));
    expect(shardOf({ host, repository: "app", digest }, by)).not.toBe(shardOf(tagged, by));
  });

  it("never changes: what a run of an older version has begun goes on", () => {
    const names = ["team/app", "team/web", "platform/base", "a"];
    const at = (by: Shard["by"]) =>
      names.map((name) => shardOf({ host, repository: name, tag: "1.4.2" }, { count: 8, by }));
    expect({ repository: at("repository"), image: at("image") }).toEqual({
      repository: [1, 7, 6, 2],
      image: [4, 7, 5, 7],
    });
  });

  it("spreads even names that differ in little", () => {
    const list = Array.from(
      { length: 20_000 },
      (_, number) => named("monolith", `1.0.${number}`).destination,
    );
    const sizes = shardSizes(list, { count: 16, by: "image" });
    expect(Math.max(...sizes)).toBeLessThan(1.1 * (20_000 / 16));
    expect(Math.min(...sizes)).toBeGreaterThan(0.9 * (20_000 / 16));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20_000);
  });
});

it("without a division every image is this run's", () => {
  const list = [named("a", "1"), named("b", "2")];
  expect(imagesOfShard(list, undefined)).toEqual(list);
});
