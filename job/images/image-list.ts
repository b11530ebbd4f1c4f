import type { ImageRequest } from "./image-request.ts";
import { sourceText } from "./source-text.ts";
import { parseWrittenImage } from "./written-image.ts";

/**
 * The images of a list: one per line. `#` at the beginning of a line or after a space begins a comment; blank lines
 * do not count.
 *
 * @throws {PromoterError} `InvalidInput` with `source:line:column`, the line and a caret, when an image cannot be read.
 */
export function imagesInList(text: string, source: string): ImageRequest[] {
  const list = sourceText(text, source);
  return entriesOf(list.text, /[^\s#](?:(?!\s#)[^\n])*/g).map(({ word, offset }) => ({
    reference: parseWrittenImage(word, { source: list, offset }),
    origin: { source, ...list.positionAt(offset) },
  }));
}

/**
 * The images of an environment variable: separated by commas, spaces or line ends, with comments as in a list.
 *
 * @throws {PromoterError} `InvalidInput` with the variable's name, the line and a caret, when an image cannot be read.
 */
export function imagesInVariable(value: string, variable: string): ImageRequest[] {
  const list = sourceText(value, variable);
  return entriesOf(list.text, /[^\s,#][^\s,]*/g).map(({ word, offset }) => ({
    reference: parseWrittenImage(word, { source: list, offset }),
    origin: { source: variable },
  }));
}

interface Entry {
  readonly word: string;
  /** Counted from the beginning of the text. */
  readonly offset: number;
}

function entriesOf(text: string, entry: RegExp): Entry[] {
  const entries: Entry[] = [];
  let lineStart = 0;
  for (const line of text.split("\n")) {
    const content = line.replace(/(?:^|[\s,])#.*$/s, "");
    for (const match of content.matchAll(entry)) {
      entries.push({ word: match[0].trimEnd(), offset: lineStart + match.index });
    }
    lineStart += line.length + 1;
  }
  return entries;
}
