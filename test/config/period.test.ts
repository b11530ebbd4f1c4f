import { describe, expect, it } from "vitest";
import { parsePeriod } from "../../job/config/period.ts";

describe("a period", () => {
  it.each([
    ["30d", 30 * 86_400_000],
    ["4w", 28 * 86_400_000],
    ["12h", 43_200_000],
    ["1h30m", 5_400_000],
  ])("%s is %i ms", (text, ms) => {
    expect(parsePeriod(text)).toBe(ms);
  });

  it.each(["", "0d", "1.5d", "d", "1d2h", "-1d", "999999d", "tomorrow"])("is not %j", (text) => {
    expect(() => parsePeriod(text)).toThrow(expect.objectContaining({ code: "InvalidConfiguration" }));
  });
});
