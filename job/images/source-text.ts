import { type ErrorCode, PromoterError } from "../error.ts";
import { excerptOf, type Position, withoutKeys } from "./source-excerpt.ts";

/** A text that people wrote, and its name in messages. */
export interface SourceText {
  /** A file's path, `-` for standard input, or the name of an environment variable. */
  readonly name: string;
  /** The text, without a byte order mark. */
  readonly text: string;
  positionAt(offset: number): Position;
}

export function sourceText(text: string, name: string): SourceText {
  const bare = text.startsWith("\uFEFF") ? text.slice(1) : text;
  let lineStarts: number[] | undefined;
  return {
    name,
    text: bare,
    positionAt(offset) {
      lineStarts ??= findLineStarts(bare);
      const line = countUpTo(lineStarts, offset);
      return { line, column: offset - (lineStarts[line - 1] ?? 0) + 1 };
    },
  };
}

export interface Fault {
  /** What is wrong, as a sentence without its period; the place is put before it. */
  readonly what: string;
  /** Where it begins, counted from 0 in UTF-16 units. */
  readonly offset: number;
  /** How many characters the caret underlines. */
  readonly length?: number;
  readonly hint?: string;
  /** Whether the line may be shown; default true. Values behind keys that sound secret are never shown. */
  readonly excerpt?: boolean;
  readonly cause?: unknown;
}

/** An error that shows where in a text something is wrong: `name:line:column`, the line and a caret. */
export function faultIn(source: SourceText, code: ErrorCode, fault: Fault): PromoterError {
  const position = source.positionAt(fault.offset);
  const name = source.name === "-" ? "standard input" : source.name;
  const place = `${name}:${position.line}:${position.column}: ${withoutKeys(fault.what)}`;
  const shown = fault.excerpt === false ? undefined : excerptOf(source.text, position, fault.length);
  return new PromoterError(code, shown === undefined ? place : `${place}\n${shown}`, {
    ...(fault.hint !== undefined && { hint: withoutKeys(fault.hint) }),
    ...(fault.cause !== undefined && { cause: fault.cause }),
  });
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
