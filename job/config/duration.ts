import { PromoterError } from "../error.ts";

const unitMs = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const pattern = /^(?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/** Longest wait that timers can hold: 2^31 - 1 milliseconds, a little under 25 days. */
const longestMs = 2 ** 31 - 1;

/**
 * Reads `30s`, `5m`, `1h30m`, `500ms`, units from large to small, and gives milliseconds, more than 0.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseDuration(text: string): number {
  const match = pattern.exec(text);
  if (match === null || text === "") throw invalid(text, "it is no duration");
  const [, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = match.map((part) => part && Number(part));
  const total =
    Number(hours) * unitMs.h + Number(minutes) * unitMs.m + Number(seconds) * unitMs.s + Number(milliseconds);
  if (total === 0) throw invalid(text, "it must be longer than nothing");
  if (total > longestMs) throw invalid(text, "it must be at most 596h");
  return total;
}

/** The shortest text that `parseDuration` reads: 5400000 is `1h30m`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

function invalid(text: string, what: string): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `Cannot use ${JSON.stringify(text.slice(0, 100))}: ${what}`,
    {
      hint: "Write a number and a unit, h, m, s or ms: 30s, 5m, 1h30m, 500ms",
    },
  );
}
