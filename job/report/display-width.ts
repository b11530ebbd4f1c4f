const ascii = /^[\x20-\x7e]*$/;
const emojiStyle = "\ufe0f";

let segmenter: Intl.Segmenter | undefined;

/**
 * Columns that a terminal gives to the text: two to wide characters and emoji, none to combining marks.
 * {@link https://www.unicode.org/reports/tr11/}
 */
export function displayWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

/** The text with spaces behind it, up to `columns` wide. */
export function padToWidth(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/** As much of the beginning as fits into `columns`, with `…` where something was cut off; characters stay whole. */
export function keepStart(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns < 1 ? "" : `${fitting(graphemes(text), columns - 1).join("")}…`;
}

/** As much of the end as fits into `columns`: of a repository's name the end tells most. */
export function keepEnd(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns < 1
    ? ""
    : `…${fitting(graphemes(text).reverse(), columns - 1)
        .reverse()
        .join("")}`;
}

function fitting(characters: readonly string[], columns: number): string[] {
  let width = 0;
  const end = characters.findIndex((character) => {
    width += graphemeWidth(character);
    return width > columns;
  });
  return end < 0 ? [...characters] : characters.slice(0, end);
}

/** Columns of one character. Its patterns are made when they are needed: Unicode's categories take milliseconds. */
function graphemeWidth(grapheme: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cc}\p{Cf}]+$/u.test(grapheme)) return 0;
  // Wide and full-width characters that are not emoji.
  const isWide =
    /^(?:[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u.test(
      grapheme,
    );
  return isWide || grapheme.includes(emojiStyle) ? 2 : 1;
}

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), (part) => part.segment);
}
