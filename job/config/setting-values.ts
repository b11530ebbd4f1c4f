import { PromoterError } from "../error.ts";

/** How many transfers may run at a time: enough to fill a line, and far below the descriptors of a process. */
export const concurrencyRange = { least: 1, most: 256 } as const;

/** @throws {PromoterError} `InvalidConfiguration` */
export function parseConcurrency(text: string): number {
  const { least, most } = concurrencyRange;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= least && value <= most) return value;
  throw invalid(text, "it is no number of transfers", `Write a whole number from ${least} to ${most}`);
}

/** @throws {PromoterError} `InvalidConfiguration` */
export function parseBoolean(text: string): boolean {
  const value = text.toLowerCase();
  if (["true", "1", "yes", "on"].includes(value)) return true;
  if (["false", "0", "no", "off"].includes(value)) return false;
  throw invalid(text, "it is neither true nor false", "Write true or false");
}

/** A parser of one of the given words. */
export function oneOf<const T extends string>(...words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw invalid(text, "it is no choice here", `Write one of ${words.join(", ")}`);
    return word;
  };
}

/** A parser of parts between commas or line ends; spaces around them do not count, nor do empty parts. */
export function listOf<T>(parse: (text: string) => T): (text: string) => readonly T[] {
  return (text) =>
    text
      .split(/[,\n]/)
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .map(parse);
}

/** A parser of a text that is taken as it is. */
export function asText(text: string): string {
  return text;
}

function invalid(text: string, what: string, hint: string): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `Cannot use ${JSON.stringify(text.slice(0, 100))}: ${what}`,
    {
      hint,
    },
  );
}
