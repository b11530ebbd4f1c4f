import { socketError } from "./socket-error.ts";

/** What an HTTP/1.1 response says before its body. */
export interface ResponseHead {
  readonly status: number;
  /** By names in small letters; several of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's bytes, or how its end is found: by pieces that tell their lengths, or by the connection's end. */
  readonly framing: number | "chunked" | "until-close";
  /** Whether another request may follow on the connection. */
  readonly keepsConnection: boolean;
}

/** Most bytes of a head: 16 KiB. */
export const maxHeadBytes: number = 16 * 1024;

const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;
const length = /^\d{1,15}$/;
const blank: ReadonlySet<string | undefined> = new Set([" ", "\t"]);

/**
 * Reads a head as strictly as it is written today: folded lines, bare line feeds, and what two readers could understand
 * in two ways are refused.
 * {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.3}
 *
 * @param text the head in Latin-1, without the empty line at its end.
 * @param method of the request that it answers.
 * @throws an error with the code `EBADMSG` for what is no HTTP.
 */
export function parseResponseHead(text: string, method: string): ResponseHead {
  const [first = "", ...lines] = text.split("\r\n");
  const [, minor, code] = statusLine.exec(first) ?? [];
  // Nobody asks for another protocol.
  if (code === undefined || code === "101") throw notHttp("it does not begin with a status");
  const status = Number(code);
  const headers = headersIn(lines);
  // {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6} A tunnel begins with it, whatever else it says.
  if (method === "CONNECT" && status >= 200 && status < 300) {
    return { status, headers, framing: 0, keepsConnection: true };
  }
  const isCurrent = minor === "1";
  const announced = announcedFraming(headers);
  const isWithout = method === "HEAD" || status < 200 || status === 204 || status === 304;
  const framing = isWithout ? 0 : announced;
  // A body that must not be there may follow all the same, where one is announced.
  const isCertain = method === "HEAD" || framing === announced || announced === "until-close";
  // What is older knows no pieces, and somebody between may have understood them otherwise.
  const isKnown = framing !== "until-close" && (isCurrent || announced !== "chunked");
  return { status, headers, framing, keepsConnection: isCertain && isKnown && isKept(isCurrent, headers) };
}

/** The headers in these lines. @throws as {@link parseResponseHead} does. */
export function headersIn(lines: readonly string[]): ResponseHead["headers"] {
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, written, padded] = field.exec(line) ?? [];
    if (written === undefined || padded === undefined) throw notHttp("one of its headers is none");
    const name = written.toLowerCase();
    const value = withoutBlanks(padded);
    const known = headers[name];
    headers[name] = known === undefined ? value : `${known}, ${value}`;
  }
  return headers;
}

/** Without spaces and tabs around it, and no others: elsewhere they may be part of the value. */
function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blank.has(text[start])) start += 1;
  while (end > start && blank.has(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function announcedFraming(headers: ResponseHead["headers"]): ResponseHead["framing"] {
  const { "content-length": bytes, "transfer-encoding": encoding } = headers;
  if (encoding !== undefined) {
    if (bytes !== undefined || encoding.toLowerCase() !== "chunked") throw notHttp("its end is not certain");
    return "chunked";
  }
  if (bytes === undefined) return "until-close";
  if (!length.test(bytes)) throw notHttp("its length is none");
  return Number(bytes);
}

/** {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3} */
function isKept(isCurrent: boolean, { connection = "" }: ResponseHead["headers"]): boolean {
  return isCurrent ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection);
}

/** @returns the error of an answer that is no HTTP. */
export function notHttp(why: string): Error {
  return socketError("EBADMSG", `what came is no HTTP: ${why}`);
}
