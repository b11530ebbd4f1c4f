import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../job/config/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1h2m3s4ms", 3_723_004],
    ["1h5ms", 3_600_005],
    ["90m", 5_400_000],
    ["0h1s", 1_000],
  ])("reads %s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ["", "it is no duration"],
    ["5", "it is no duration"],
    ["5 m", "it is no duration"],
    ["1.5h", "it is no duration"],
    ["-5m", "it is no duration"],
    ["30m1h", "it is no duration"],
    ["5d", "it is no duration"],
    ["m", "it is no duration"],
    ["0s", "it must be longer than nothing"],
    ["597h", "it must be at most 596h"],
    ["999999999h", "it must be at most 596h"],
  ])("refuses %j", (text, what) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({
        code: "InvalidConfiguration",
        message: `Cannot use ${JSON.stringify(text)}: ${what}`,
        hint: "Write a number and a unit, h, m, s or ms: 30s, 5m, 1h30m, 500ms",
      }),
    );
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
