/** One document of a YAML stream, by where it stands. */
export interface DocumentRange {
  /** Its `---`, or the beginning of the text. Counted in UTF-16 units. */
  readonly start: number;
  /** The beginning of the next document's `---`, of a line `...`, or the end of the text. */
  readonly end: number;
}

/**
 * Where the documents of a YAML stream stand, whose ranges hold every character but lines that end a document (`...`)
 * and what follows them up to the next `---`. No YAML scalar may hold a line that begins with either mark.
 *
 * {@link https://yaml.org/spec/1.2.2/#91-documents}
 */
export function documentRanges(text: string): readonly DocumentRange[] {
  const ranges: DocumentRange[] = [];
  let start: number | undefined = text.startsWith("\uFEFF") ? 1 : 0;
  for (const match of text.matchAll(/^\uFEFF?(---|\.\.\.)(?=[ \t\r\n]|$)/gm)) {
    const [{ length }, mark = ""] = match;
    const at = match.index + length - mark.length;
    if (start !== undefined && at > start) ranges.push({ start, end: at });
    start = mark === "---" ? at : undefined;
  }
  if (start !== undefined && start < text.length) ranges.push({ start, end: text.length });
  return ranges;
}
