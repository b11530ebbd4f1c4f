import { PromoterError } from "../error.ts";
import { linearExpression } from "../replication/linear-expression.ts";
import type { TagMatcher } from "./application.ts";

/**
 * Reads `regexp:EXPRESSION`, which is looked for anywhere in a tag unless `^` and `$` say otherwise, or `any`.
 *
 * @throws {PromoterError} `InvalidConfiguration` for anything else, and for an expression that cannot be read.
 */
export function matchFunction(text: string): TagMatcher | undefined {
  if (text === "any") return undefined;
  if (text.startsWith("regexp:")) return searching(text.slice("regexp:".length));
  throw new PromoterError(
    "InvalidConfiguration",
    `${JSON.stringify(text.slice(0, 100))} says of no tag whether it counts`,
    { hint: "Write regexp:EXPRESSION, or any" },
  );
}

/** An expression that is looked for anywhere in a text, as one that matches the whole of it. */
function searching(text: string): TagMatcher {
  return linearExpression(
    alternativesOf(text)
      .map((alternative) => {
        const begins = alternative.startsWith("^");
        const ends =
          alternative.endsWith("$") && backslashesBefore(alternative, alternative.length - 1) % 2 === 0;
        const inner = alternative.slice(begins ? 1 : 0, ends ? -1 : undefined);
        return `${begins ? "" : ".*"}(?:${inner})${ends ? "" : ".*"}`;
      })
      .join("|"),
  );
}

/** What stands between the `|` that are in no group and no class. */
function alternativesOf(text: string): readonly string[] {
  const found: string[] = [];
  let begin = 0;
  let depth = 0;
  let inClass = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "\\") at += 1;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    else if (character === "|" && depth === 0) {
      found.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  return [...found, text.slice(begin)];
}

function backslashesBefore(text: string, position: number): number {
  let first = position - 1;
  while (text[first] === "\\") first -= 1;
  return position - 1 - first;
}

/**
 * Reads a pattern of Go's `filepath.Match`: `*` for any characters, `?` for one, `[a-z]` for one of a class.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function globPattern(text: string): TagMatcher {
  let expression = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    const end = character === "[" ? text.indexOf("]", at + 2) : -1;
    if (end > 0) {
      expression += text.slice(at, end + 1);
      at = end;
    } else if (character === "*") expression += ".*";
    else if (character === "?") expression += ".";
    else if (character === "\\") {
      at += 1;
      expression += literal(text[at] ?? "\\");
    } else expression += literal(character);
  }
  return linearExpression(expression);
}

function literal(character: string): string {
  return /^[\w-]$/.test(character) ? character : `\\${character}`;
}
