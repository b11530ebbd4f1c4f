import { describe, expect, it } from "vitest";
import { namespaceAnnotations } from "../../job/webhook/namespace-annotations.ts";
import { ManualClock, settle } from "../ecr/manual-clock.ts";

/** An API whose namespaces have one annotation; it counts how often it is asked. */
function world() {
  const clock = new ManualClock();
  const state = { word: "a", asked: [] as string[], isDown: false };
  const api = {
    async get(path: string) {
      state.asked.push(path);
      if (state.isDown) throw new Error("down");
      return { metadata: { annotations: { word: state.word, number: 3 } } };
    },
  };
  return { clock, state, annotationsOf: namespaceAnnotations({ api, clock, ttlMs: 1_000 }) };
}

describe("annotations of namespaces", () => {
  it("are read once for a while, however many ask", async () => {
    const { annotationsOf, state } = world();
    const all = await Promise.all([annotationsOf("shop"), annotationsOf("shop"), annotationsOf("a/b")]);
    expect(all).toEqual([{ word: "a" }, { word: "a" }, { word: "a" }]);
    expect(state.asked).toEqual(["/api/v1/namespaces/shop", "/api/v1/namespaces/a%2Fb"]);
  });

  it("are used as they were while they are read anew, so that nobody waits", async () => {
    const { annotationsOf, state, clock } = world();
    await annotationsOf("shop");
    await clock.advance(600);
    state.word = "b";
    expect(await annotationsOf("shop")).toEqual({ word: "a" });
    await settle();
    expect(await annotationsOf("shop")).toEqual({ word: "b" });
    expect(state.asked).toHaveLength(2);
  });

  it("are not believed after a night in which nobody asked", async () => {
    const { annotationsOf, state, clock } = world();
    await annotationsOf("shop");
    state.word = "b";
    await clock.advance(3_600_000);
    expect(await Promise.all([annotationsOf("shop"), annotationsOf("shop")])).toEqual([
      { word: "b" },
      { word: "b" },
    ]);
    expect(state.asked).toHaveLength(2);
  });

  it("outlast an API that is away for a while", async () => {
    const { annotationsOf, state, clock } = world();
    await annotationsOf("shop");
    state.isDown = true;
    await clock.advance(1_000);
    expect(await annotationsOf("shop")).toEqual({ word: "a" });
    await settle();
    await clock.advance(1_000);
    expect(await annotationsOf("shop")).toEqual({ word: "a" });
    expect(state.asked).toHaveLength(3);
  });

  it("are asked for again after a failure, where nothing was known", async () => {
    const { annotationsOf, state } = world();
    state.isDown = true;
    await expect(annotationsOf("shop")).rejects.toThrow("down");
    state.isDown = false;
    expect(await annotationsOf("shop")).toEqual({ word: "a" });
  });

  it("are none where there is no such namespace, or it says nothing", async () => {
    const annotationsOf = namespaceAnnotations({
      api: { get: async () => undefined },
      clock: new ManualClock(),
    });
    expect(await annotationsOf("gone")).toEqual({});
  });
});
