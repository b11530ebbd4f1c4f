import { describe, expect, it } from "vitest";
import type { Clock } from "../../job/async/clock.ts";
import { retry } from "../../job/async/retry.ts";

function clockThatNotes(waits: number[], random = 1): Clock {
  return { now: () => 0, random: () => random, sleep: async (ms) => void waits.push(ms) };
}

function failing(times: number) {
  let left = times;
  return async (attempt: number) => {
    left -= 1;
    if (left >= 0) throw new Error(`failure ${attempt}`);
    return attempt;
  };
}

describe("retry", () => {
  it("waits twice as long each time, up to the most", async () => {
    const waits: number[] = [];
    const options = {
      attempts: 6,
      baseMs: 100,
      maxMs: 500,
      clock: clockThatNotes(waits),
      retryable: () => true,
    };
    expect(await retry(failing(5), options)).toBe(6);
    expect(waits).toEqual([100, 200, 400, 500, 500]);
  });

  it("never waits less than half", async () => {
    const waits: number[] = [];
    await retry(failing(1), {
      attempts: 2,
      baseMs: 100,
      maxMs: 500,
      clock: clockThatNotes(waits, 0),
      retryable: () => true,
    });
    expect(waits).toEqual([50]);
  });

  it("waits as long as the other side asks", async () => {
    const waits: number[] = [];
    await retry(failing(1), {
      attempts: 2,
      baseMs: 1,
      maxMs: 5,
      clock: clockThatNotes(waits),
      retryable: () => 2_000,
    });
    expect(waits).toEqual([2_000]);
  });

  it("throws the last error when attempts are used up, the first when it is final", async () => {
    const options = { attempts: 3, baseMs: 1, maxMs: 1, clock: clockThatNotes([]) };
    await expect(retry(failing(9), { ...options, retryable: () => true })).rejects.toThrow("failure 3");
    await expect(retry(failing(9), { ...options, retryable: () => false })).rejects.toThrow("failure 1");
  });

  it("ends at once when aborted", async () => {
    const controller = new AbortController();
    const work = async () => {
      controller.abort(new Error("stop"));
      throw new Error("failure");
    };
    const options = { attempts: 3, baseMs: 1, maxMs: 1, clock: clockThatNotes([]), retryable: () => true };
    await expect(retry(work, { ...options, signal: controller.signal })).rejects.toThrow("stop");
  });
});
