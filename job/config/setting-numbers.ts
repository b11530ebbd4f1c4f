import { PromoterError } from "../error.ts";

/** As many as an Indexed Job may have pods when it counts the failures of each. */
export const mostShards = 100_000;

/** @throws {PromoterError} `InvalidConfiguration` */
export function parseShardCount(text: string): number {
  const count = wholeNumber(text);
  if (count !== undefined && count >= 1 && count <= mostShards) return count;
  throw invalid(text, "it is no number of shards", `Write a whole number from 1 to ${mostShards}`);
}

/** @throws {PromoterError} `InvalidConfiguration` */
export function parseShardIndex(text: string): number {
  const index = wholeNumber(text);
  if (index !== undefined && index < mostShards) return index;
  throw invalid(text, "it is no shard", "Write a whole number: the first shard is 0");
}

/** How many of something: at least one. @throws {PromoterError} `InvalidConfiguration` */
export function parseCount(text: string): number {
  const count = wholeNumber(text);
  if (count !== undefined && count >= 1) return count;
  throw invalid(text, "it is no number of images", "Write a whole number from 1 on");
}

/** Percent of a whole, with or without the sign. @throws {PromoterError} `InvalidConfiguration` */
export function parsePercent(text: string): number {
  const percent = wholeNumber(text.replace(/%$/, ""));
  if (percent !== undefined && percent <= 100) return percent;
  throw invalid(text, "it is no part of a whole", "Write percent from 0 to 100");
}

/**
 * A part of a whole, as a fraction or a decimal number: above 0, at most 1.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseShare(text: string): number {
  const [, dividend = "", divisor = "1"] = /^(\d{1,9}|\d{0,9}\.\d{1,9})(?:\/(\d{1,9}))?$/.exec(text) ?? [];
  const share = dividend === "" ? 0 : Number(dividend) / Number(divisor);
  if (share > 0 && share <= 1) return share;
  throw invalid(text, "it is no share", "Write a part of 1, such as 1/8 or 0.125");
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function invalid(text: string, what: string, hint: string): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `Cannot use ${JSON.stringify(text.slice(0, 100))}: ${what}`,
    { hint },
  );
}
