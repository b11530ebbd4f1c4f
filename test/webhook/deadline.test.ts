import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deadlineMs } from "../../job/webhook/deadline.ts";

describe("the time that a request may be thought about", () => {
  it.each([
    ["10s", 8_000],
    ["30s", 28_000],
    ["1s", 800],
    ["5s", 4_000],
    ["1m0s", 28_000],
    ["500ms", 800],
    ["2.5s", 2_000],
    [null, 8_000],
    ["", 8_000],
    ["soon", 8_000],
    ["10s and more", 8_000],
    ["-3s", 8_000],
    ["99999999999999999999h", 8_000],
    ["1.0001s", 800],
  ])("is, where the API server waits %s, %i ms", (timeout, ms) => {
    expect(deadlineMs(timeout)).toBeCloseTo(ms);
  });

  it("is what was configured where that is less", () => {
    expect(deadlineMs("10s", 3_000)).toBe(3_000);
    expect(deadlineMs("2s", 3_000)).toBeCloseTo(1_600);
  });

  it("is always less than the API server waits, whatever it says", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = deadlineMs(text);
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(28_000);
      }),
    );
    const fractions = fc.double({ min: 0, max: 40, noNaN: true }).map((seconds) => `${seconds.toFixed(6)}s`);
    fc.assert(fc.property(fractions, (text) => Number.isInteger(deadlineMs(text))));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (seconds) => {
        expect(deadlineMs(`${seconds}s`)).toBeLessThan(seconds * 1_000);
      }),
    );
  });
});
