import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RuledImage } from "../../job/replication/find-images.ts";
import { limitImages } from "../../job/replication/limit-images.ts";

const someImages = fc
  .array(
    fc.record({
      repository: fc.constantFrom("a", "b"),
      rule: fc.constantFrom("one", "two"),
      standing: fc.constantFrom<RuledImage["standing"][]>("same", "listed", "missing"),
    }),
    { maxLength: 30 },
  )
  .map((drawn) =>
    drawn.map(({ repository, rule, standing }, position): RuledImage => {
      const destination = { host: "prod.example", repository, tag: String(position) };
      const limit = rule === "one" ? { limit: 2 } : {};
      return {
        wanted: { destination, sources: [] },
        rule: { name: rule, repositories: ["*"], exclude: [], tags: {}, ...limit },
        standing,
      };
    }),
  );

describe("limits", () => {
  it("leave no image out, count what is missing alone, and take the first", () => {
    fc.assert(
      fc.property(
        someImages,
        fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        (images, most) => {
          const { now, there, later } = limitImages(images, most);
          expect([...now, ...there, ...later]).toHaveLength(images.length);
          expect(there.every(({ standing }) => standing === "same")).toBe(true);
          expect(later.every(({ standing }) => standing === "missing")).toBe(true);
          const brought = now.filter(({ standing }) => standing === "missing");
          expect(brought.length).toBeLessThanOrEqual(most ?? images.length);
          for (const repository of ["a", "b"]) {
            const ofRule = (list: readonly RuledImage[]) =>
              list.filter(
                ({ rule, wanted }) => rule.name === "one" && wanted.destination.repository === repository,
              );
            expect(ofRule(brought).length).toBeLessThanOrEqual(2);
          }
        },
      ),
    );
  });

  it("bring everything, run after run", () => {
    fc.assert(
      fc.property(someImages, (images) => {
        let left = images;
        for (let run = 0; run < 40 && left.length > 0; run += 1) left = [...limitImages(left, 1).later];
        expect(left).toEqual([]);
      }),
    );
  });
});
