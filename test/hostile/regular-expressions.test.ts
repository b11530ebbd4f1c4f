import { expect, it } from "vitest";
import { lineAt, readSources, type Source } from "../house/source.ts";
import { attacksOn } from "./regex-attack.ts";

interface Written {
  readonly place: string;
  readonly pattern: RegExp;
}

/** From where exponential time already shows, to where quadratic time is far above what noise can do to linear time. */
const lengths = [24, 1_000, 16_000];
const tooLongMs = 60;

/** Patterns that take quadratic time, and why their texts are short. */
const onShortTexts: readonly { readonly beginning: string; readonly why: string }[] = [
  { beginning: "^(.*?(?:passw|passphrase", why: "longer lines than 4,000 characters are not excerpted" },
];

/** Milliseconds, at best, of the first attack that takes too long; 0 when none does. */
function slowest(pattern: RegExp): number {
  for (const length of lengths) {
    for (const text of attacksOn(pattern, { length, seed: 1 })) {
      const ms = timed(pattern, text);
      if (ms > tooLongMs) return ms;
    }
  }
  return 0;
}

function timed(pattern: RegExp, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best > tooLongMs; attempt += 1) {
    pattern.lastIndex = 0;
    const begun = performance.now();
    pattern.exec(text);
    best = Math.min(best, performance.now() - begun);
  }
  return best;
}

function patternsIn({ path, text, nodes }: Source): Written[] {
  return nodes.flatMap(({ node }) => {
    const written = node.regex as { readonly pattern: string; readonly flags: string } | undefined;
    if (written === undefined) return [];
    const pattern = new RegExp(written.pattern, written.flags);
    return [{ place: `${path}:${lineAt(text, node.start)}`, pattern }];
  });
}

it("every regular expression takes linear time, on texts that were made to prove the contrary", async () => {
  const written = (await readSources("job")).flatMap(patternsIn);
  const slow = written
    .filter(({ pattern }) => !onShortTexts.some(({ beginning }) => pattern.source.startsWith(beginning)))
    .map((one) => ({ ...one, ms: slowest(one.pattern) }))
    .filter(({ ms }) => ms > tooLongMs);
  expect(slow.map(({ place, pattern, ms }) => `${place} ${pattern} ${Math.round(ms)} ms`)).toEqual([]);
  expect(written.length).toBeGreaterThan(150);
});

it.each([/(a+)+$/, /\s+$/, /^a*a*b/])("finds out %s", (pattern) => {
  expect(slowest(pattern)).toBeGreaterThan(tooLongMs);
});
