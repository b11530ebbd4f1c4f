import fc from "fast-check";
import { expect, it } from "vitest";
import { BufferRing, bufferBytes } from "../../job/registry/buffer-ring.ts";

/** As much as comes at once, and whether whoever reads takes a chunk after it. */
const arrivals = fc.array(fc.tuple(fc.integer({ min: 1, max: bufferBytes }), fc.boolean()), {
  minLength: 1,
  maxLength: 60,
});

it("gives every byte in its order, in memory that is used again", () => {
  const places = new Set<ArrayBufferLike>();
  fc.assert(
    fc.property(arrivals, (all) => {
      const ring = new BufferRing();
      let next = 0;
      let expected = 0;
      let held: { readonly chunk: Uint8Array; readonly copy: Buffer } | undefined;
      places.clear();
      const take = () => {
        const chunk = ring.take();
        // What was taken before is whole still when the next comes.
        if (held !== undefined) expect(held.copy.equals(held.chunk)).toBe(true);
        if (chunk === undefined) return false;
        places.add(chunk.buffer);
        for (const at of [0, chunk.length >> 1, chunk.length - 1])
          expect(chunk[at]).toBe((expected + at) % 251);
        expected += chunk.length;
        held = { chunk, copy: Buffer.from(chunk) };
        return true;
      };
      for (const [bytes, reads] of all) {
        while (ring.isTight) expect(take()).toBe(true);
        const { space } = ring;
        const came = Math.min(bytes, space.length);
        for (let at = 0; at < came; at += 1) space[at] = (next + at) % 251;
        next += came;
        ring.fill(came);
        if (ring.space.length === 0) ring.close();
        if (reads) take();
      }
      while (ring.isTight) take();
      ring.close();
      while (take());
      expect(expected).toBe(next);
      expect(places.size).toBeLessThanOrEqual(5);
    }),
    { numRuns: 20 },
  );
});

it("drops what is not wanted of the beginning", () => {
  const ring = new BufferRing();
  ring.space.set(Buffer.from("head|body"));
  ring.fill(9);
  ring.drop(5);
  expect(Buffer.from(ring.begun).toString()).toBe("body");
  ring.close();
  expect(Buffer.from(ring.take() ?? []).toString()).toBe("body");
  expect(ring.take()).toBeUndefined();
});
