import type { FileEdit } from "../application.ts";

/** A piece of a text that another takes the place of. Offsets and lengths are in UTF-16 units. */
export interface Splice {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  /** How far inside `text` the value begins that this is about. Default 0. */
  readonly lead?: number;
  /** The value's text before; absent where it is added. */
  readonly before?: string;
  /** The value's text after; absent where it is taken away. */
  readonly after?: string;
}

export interface Spliced {
  readonly text: string;
  readonly edits: readonly Omit<FileEdit, "path">[];
}

/** Puts the pieces in, those at one offset in the order given. Everything else stays as it is. */
export function applySplices(text: string, splices: readonly Splice[]): Spliced {
  const edits: Omit<FileEdit, "path">[] = [];
  let result = "";
  let at = 0;
  for (const splice of splices.toSorted((a, b) => a.offset - b.offset)) {
    result += text.slice(at, splice.offset);
    const begin = result.length + (splice.lead ?? 0);
    result += splice.text;
    at = splice.offset + splice.length;
    const { before, after } = splice;
    const line = lineAt(result, begin);
    edits.push({ line, ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
  }
  return { text: result + text.slice(at), edits };
}

/** Counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
