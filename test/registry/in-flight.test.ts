import { describe, expect, it } from "vitest";
import { InFlight } from "../../job/registry/in-flight.ts";
import { rejection } from "./everything.ts";

describe("InFlight", () => {
  it("does work once for all who ask while it is under way, and anew afterwards", async () => {
    const flight = new InFlight<string, number>();
    let count = 0;
    const work = async () => {
      count += 1;
      await Promise.resolve();
      return count;
    };
    expect(await Promise.all([flight.run("a", work), flight.run("a", work), flight.run("b", work)])).toEqual([
      2, 2, 2,
    ]);
    expect(await flight.run("a", work)).toBe(3);
  });

  it("fails for all who wait, and tries anew afterwards", async () => {
    const flight = new InFlight<string, number>();
    const fail = () => Promise.reject(new Error("failed"));
    const both = [rejection(flight.run("a", fail)), rejection(flight.run("a", fail))];
    expect(await Promise.all(both)).toEqual([new Error("failed"), new Error("failed")]);
    expect(await flight.run("a", async () => 1)).toBe(1);
  });

  it("lets whoever is aborted go, with the reason, and nobody else", async () => {
    const flight = new InFlight<string, number>();
    const { promise, resolve } = Promise.withResolvers<number>();
    const controller = new AbortController();
    const patient = flight.run("a", () => promise);
    const impatient = rejection(flight.run("a", () => promise, { signal: controller.signal }));
    controller.abort(new Error("enough"));
    expect(await impatient).toEqual(new Error("enough"));
    resolve(7);
    expect(await patient).toBe(7);
  });

  it("fails in silence when nobody waits any more", async () => {
    const flight = new InFlight<string, number>();
    const { promise, reject } = Promise.withResolvers<number>();
    const aborted = AbortSignal.abort(new Error("enough"));
    expect(await rejection(flight.run("a", () => promise, { signal: aborted }))).toEqual(new Error("enough"));
    // An unhandled rejection would fail the whole run of tests.
    reject(new Error("nobody hears this"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
