import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../../job/registry/retry-after.ts";

const now = Date.parse("2026-11-21T10:00:00Z");

describe("parseRetryAfter", () => {
  it.each([
    ["7", 7_000],
    [" 0 ", 0],
    ["Sat, 21 Nov 2026 10:00:30 GMT", 30_000],
    ["Sat, 21 Nov 2026 09:00:00 GMT", 0],
    ["86400", 120_000],
    ["Sun, 22 Nov 2026 10:00:00 GMT", 120_000],
    ["99999999999999999999", 120_000],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %j ms", (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
