import type { Output } from "./ledger.ts";
import { minSecretLength } from "./ledger.ts";

/** Where a secret was found. Does not hold the secret itself: it goes into a log. */
export interface Leak {
  readonly from: string;
  /** What stands before it, and its first characters. */
  readonly excerpt: string;
}

/** The outputs that hold one of the secrets, as it is or as URLs, JSON and base64 write it; each output once. */
export function leaksIn(outputs: readonly Output[], secrets: readonly string[]): readonly Leak[] {
  const byBeginning = new Map<string, string[]>();
  for (const form of new Set(secrets.flatMap(formsOf))) {
    const beginning = form.slice(0, minSecretLength);
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), form]);
  }
  if (byBeginning.size === 0) return [];
  return outputs.flatMap(({ from, text }) => {
    const at = firstLeak(text, byBeginning);
    if (at === undefined) return [];
    return [{ from: without(secrets, from), excerpt: `${text.slice(Math.max(0, at - 60), at + 4)}…` }];
  });
}

/** A command line may be where it came from. */
function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
}

/** One pass over the text, however many secrets there are. */
function firstLeak(text: string, byBeginning: ReadonlyMap<string, readonly string[]>): number | undefined {
  for (let at = 0; at + minSecretLength <= text.length; at += 1) {
    const forms = byBeginning.get(text.slice(at, at + minSecretLength));
    if (forms?.some((form) => text.startsWith(form, at)) === true) return at;
  }
  return undefined;
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Within a longer text base64 falls in one of three steps; the ends depend on the neighbours.
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ].filter(({ length }) => length >= minSecretLength);
}
