/** A place in a text, both counted from 1; columns are UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const widest = 100;
/** Longer lines are written by programs: an excerpt would not help, and secrets in them would be hard to see. */
const longestLine = 4_000;

// A key that sounds secret, up to its separator; `value` because environment variables carry their secrets there.
const secretKey =
  /^(.*?(?:passw|passphrase|secret|token|credential|private|authorization|api[-_]?key|access[-_]?key|externalid|value)[\w.-]*["']?\s*[:=]\s*)\S/i;

/**
 * The line at `position` with its number, and a caret under the column. Long lines are cut around the caret, control
 * characters shown as `·`. What stands behind a key that sounds secret is left out, and the caret with it; a line of a
 * private key is not shown at all.
 */
export function excerptOf(text: string, position: Position, length = 1): string | undefined {
  const line = withoutKeys(withoutUserinfo(lineOf(text, position)));
  if (line.trim() === "" || line.length > longestLine || line.includes("PRIVATE KEY")) return undefined;
  const gutter = String(position.line);
  const secret = secretKey.exec(line)?.[1];
  // The key itself may be shown with a caret, what follows it may not.
  const hidden = secret !== undefined && position.column > secret.length;
  const shown = secret === undefined ? line : `${secret}…`;
  const from = Math.max(0, Math.min(position.column - 1 - widest / 2, shown.length - widest));
  const cut = shown.slice(from, from + widest);
  const head = from > 0 ? "…" : "";
  const tail = from + widest < shown.length ? "…" : "";
  const first = `  ${gutter} | ${head}${cut.replaceAll(/[^\t\P{Cc}]/gu, "·")}${tail}`;
  if (hidden) return first;
  const before = cut.slice(0, position.column - 1 - from).replaceAll(/[^\t]/g, " ");
  const room = Math.max(1, cut.length - before.length);
  const carets = "^".repeat(Math.max(1, Math.min(length, room)));
  return `${first}\n  ${" ".repeat(gutter.length)} | ${" ".repeat(head.length)}${before}${carets}`;
}

/** Credentials in an address, each character replaced so that columns stay right. */
function withoutUserinfo(line: string): string {
  return line.replaceAll(/(?<=:\/\/)[^\s/@]+(?=@)/g, (userinfo) => "·".repeat(userinfo.length));
}

/** The text without what looks drawn by lot, as keys and tokens do, wherever it stands: long, of both cases, with digits. */
export function withoutKeys(text: string): string {
  return text.replaceAll(/[\w+/=-]{24,}/g, (word) => {
    const capitals = word.match(/[A-Z]/g)?.length ?? 0;
    const small = word.match(/[a-z]/g)?.length ?? 0;
    return capitals > 2 && small > 2 && /\d/.test(word) ? "·".repeat(word.length) : word;
  });
}

function lineOf(text: string, { line }: Position): string {
  let start = 0;
  for (let at = 1; at < line; at += 1) start = text.indexOf("\n", start) + 1;
  const end = text.indexOf("\n", start);
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
}
