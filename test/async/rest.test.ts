import { describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { rest } from "../../job/async/rest.ts";

describe("rest", () => {
  it("ends when its time is over, or the signal is aborted, whichever is first", async () => {
    const controller = new AbortController();
    await rest(1, systemClock, controller.signal);
    const long = rest(60_000, systemClock, controller.signal);
    controller.abort(new Error("enough"));
    await long;
    await rest(60_000, systemClock, controller.signal);
  });

  it("rejects for what is no abort", async () => {
    const sleep = () => Promise.reject(new Error("no clock"));
    await expect(rest(1, { sleep }, new AbortController().signal)).rejects.toThrow("no clock");
  });

  it("takes no time that is past for one to come", async () => {
    const waits: number[] = [];
    await rest(-5, { sleep: async (ms) => void waits.push(ms) }, new AbortController().signal);
    expect(waits).toEqual([0]);
  });
});
