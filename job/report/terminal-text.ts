/** Most texts hold nothing else. */
const ascii = /^[\x20-\x7e]*$/;
const asciiLines = /^[\n\x20-\x7e]*$/;

/**
 * What must never reach a terminal from outside: control characters, which move the cursor or start escape sequences;
 * format characters, which reorder or hide text (bidirectional controls, zero-width, tags); line and paragraph
 * separators; lone surrogates. Made when it is needed: to look up Unicode's categories takes milliseconds.
 */
const unsafe = (): RegExp => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text on one line, with each character that a terminal would act upon written out: `\n`, `\u{1b}`, `\u{202e}`. */
export function escapeForTerminal(text: string): string {
  if (ascii.test(text)) return text;
  return text.replace(unsafe(), (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return named[character] ?? `\\u{${codePoint.toString(16)}}`;
  });
}

/**
 * The same for text that is JSON, or YAML in double quotes, already: `\u202e`, which a parser turns back. Line breaks
 * and tabs between values stay.
 */
export function escapeInsideQuotes(text: string): string {
  if (asciiLines.test(text)) return text;
  return text.replace(unsafe(), (character) =>
    character === "\n" ? character : character.split("").map(asUtf16Escape).join(""),
  );
}

/** True when the text holds a character that `escapeForTerminal` writes out. */
export function isUnsafeForTerminal(text: string): boolean {
  return text.search(unsafe()) >= 0;
}

function asUtf16Escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
