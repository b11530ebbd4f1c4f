/** What an HTTP/1.1 response says before its body. */
export interface ResponseHead {
  readonly status: number;
  /** By names in small letters; several of one name as a list. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Bytes of the body; undefined when the head alone does not tell. */
  readonly bodyBytes: number | undefined;
  /** Whether another request may follow on the connection. */
  readonly keepsConnection: boolean;
}

/** Most bytes of a head, 16 KiB: as much as Node takes. */
export const maxHeadBytes: number = 16 * 1024;

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;
const length = /^\d{1,15}$/;

/**
 * Reads a head as strictly as it is written today. Undefined for everything that is not plainly right (HTTP/1.0, folded
 * lines, interim answers, what two readers could understand in two ways): that is left to a parser that knows it all.
 * {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.3}
 *
 * @param text the head in Latin-1, without the empty line at its end.
 */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(statusLine.exec(first)?.[1]);
  if (Number.isNaN(status) || status < 200) return undefined;
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const line of lines) {
    const [, name, value] = field.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    add(headers, name.toLowerCase(), value.replace(/^[\t ]+/, "").trimEnd());
  }
  const { "content-length": announced, "transfer-encoding": encoding, connection } = headers;
  if (encoding !== undefined) return undefined;
  if (announced !== undefined && (Array.isArray(announced) || !length.test(announced))) return undefined;
  const bodyBytes = bodyBytesOf(status, announced);
  // A body that must not be there may follow all the same, where one is announced.
  const isCertain = announced === undefined || Number(announced) === bodyBytes;
  const closes = [connection].flat().some((value) => /\bclose\b/i.test(value ?? ""));
  return { status, headers, bodyBytes, keepsConnection: isCertain && !closes };
}

function add(headers: Record<string, string | string[]>, name: string, value: string): void {
  const known = headers[name];
  headers[name] = known === undefined ? value : [known, value].flat();
}

function bodyBytesOf(status: number, announced: string | undefined): number | undefined {
  if (status === 204 || status === 304) return 0;
  return announced === undefined ? undefined : Number(announced);
}
