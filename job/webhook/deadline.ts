/** What the API server waits where a webhook does not say otherwise, and the least and most that it may say. */
const defaultPatienceMs = 10_000;
const leastPatienceMs = 1_000;
const mostPatienceMs = 30_000;

/** The part of its patience that is left for the way there and back. */
const reserve = 0.2;
const mostReserveMs = 2_000;

/**
 * How long an admission request may be thought about, in whole milliseconds, as timers take them: less than the API server waits, which says so
 * itself with each request (`?timeout=10s`).
 *
 * @param timeout the API server's word.
 * @param longestMs what was configured.
 */
export function deadlineMs(timeout: string | null, longestMs = Number.POSITIVE_INFINITY): number {
  const patienceMs = Math.min(mostPatienceMs, Math.max(leastPatienceMs, goDuration(timeout ?? "")));
  return Math.floor(Math.min(longestMs, patienceMs - Math.min(mostReserveMs, patienceMs * reserve)));
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Go writes `10s`, `1m0s`, `500ms`. */
function goDuration(text: string): number {
  const parts = [...text.slice(0, 40).matchAll(/(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|s)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return defaultPatienceMs;
  return parts.reduce((total, [, value, unit = ""]) => total + Number(value) * (unitMs[unit] ?? 0), 0);
}
