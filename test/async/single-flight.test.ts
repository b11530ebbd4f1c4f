import { expect, it } from "vitest";
import { SingleFlight } from "../../job/async/single-flight.ts";

it("does work once per key while it succeeds, and forgets failures", async () => {
  const flights = new SingleFlight<string, number>();
  let calls = 0;
  const work = async () => {
    calls += 1;
    if (calls === 1) throw new Error("first");
    return calls;
  };
  await expect(Promise.all([flights.run("a", work), flights.run("a", work)])).rejects.toThrow("first");
  expect(calls).toBe(1);
  expect(await Promise.all([flights.run("a", work), flights.run("a", work)])).toEqual([2, 2]);
  expect(await flights.run("b", work)).toBe(3);
  flights.forget("a");
  expect(await flights.run("a", work)).toBe(4);
});
