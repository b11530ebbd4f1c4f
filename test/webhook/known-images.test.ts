import { describe, expect, it } from "vitest";
import { KnownImages } from "../../job/webhook/known-images.ts";
import { ManualClock } from "../ecr/manual-clock.ts";

const one = `sha256:${"1".repeat(64)}` as const;
const two = `sha256:${"2".repeat(64)}` as const;

describe("images that are known", () => {
  it("are known for their time, and not a millisecond longer", async () => {
    const clock = new ManualClock();
    const known = new KnownImages({ clock, ttlMs: 1_000, most: 10 });
    known.learn("a", one);
    await clock.advance(999);
    expect(known.digestOf("a")).toBe(one);
    await clock.advance(1);
    expect(known.digestOf("a")).toBeUndefined();
  });

  it("are known by their latest digest, from when it was learnt", async () => {
    const clock = new ManualClock();
    const known = new KnownImages({ clock, ttlMs: 1_000, most: 10 });
    known.learn("a", one);
    await clock.advance(600);
    known.learn("a", two);
    await clock.advance(600);
    expect(known.digestOf("a")).toBe(two);
    known.forget("a");
    expect(known.digestOf("a")).toBeUndefined();
  });

  it("are never more than they may be: the oldest go, and what is out of date goes by itself", async () => {
    const clock = new ManualClock();
    const known = new KnownImages({ clock, ttlMs: 1_000, most: 3 });
    for (const name of ["a", "b", "c", "d"]) known.learn(name, one);
    expect(known.size).toBe(3);
    expect(known.digestOf("a")).toBeUndefined();
    expect(known.digestOf("d")).toBe(one);
    await clock.advance(2_000);
    known.learn("e", one);
    expect(known.size).toBe(1);
  });

  it("counts only what is still believed, also when nothing new is learnt", async () => {
    const clock = new ManualClock();
    const known = new KnownImages({ clock, ttlMs: 1_000, most: 10 });
    known.learn("a", one);
    await clock.advance(600);
    known.learn("b", two);
    expect(known.size).toBe(2);
    await clock.advance(600);
    expect(known.size).toBe(1);
    await clock.advance(600);
    expect(known.size).toBe(0);
  });
});
