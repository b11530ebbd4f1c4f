import { PromoterError } from "../error.ts";
import { parseDuration } from "./duration.ts";

const dayMs = 24 * 3_600_000;
const pattern = /^(\d{1,5})([dw])$/;

/**
 * Reads `30d`, `12w`, or whatever `parseDuration` reads, and gives milliseconds, more than 0: a stretch of time to look
 * back, which no timer has to hold.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parsePeriod(text: string): number {
  const match = pattern.exec(text);
  if (match === null) return parseDuration(text);
  const [, count, unit] = match;
  const ms = Number(count) * (unit === "w" ? 7 * dayMs : dayMs);
  if (ms > 0) return ms;
  throw new PromoterError("InvalidConfiguration", `Cannot use "${text}": it must be longer than nothing`, {
    hint: "Write a number and a unit, w, d, h, m or s: 4w, 30d, 12h",
  });
}
