import type { HttpRequest } from "./http-message.ts";

/** What may stand where, in Latin-1; names in small letters, so that none is there twice. */
const grammar = {
  method: /^[A-Z]+$/,
  path: /^[\x21-\x7e\x80-\xff]+$/,
  name: /^[!#$%&'*+.^_`|~0-9a-z-]+$/,
  value: /^[\t\x20-\x7e\x80-\xff]*$/,
} as const;

/** Names that have been looked at; all are written in the sources. */
const knownNames = new Set<string>();

/** Methods whose requests say how long their body is, be it empty. */
const withBody: ReadonlySet<string> = new Set(["PATCH", "POST", "PUT"]);

/**
 * What a request says before its body, in Latin-1.
 * {@link https://www.rfc-editor.org/rfc/rfc9112#section-3}
 *
 * @throws {TypeError} when something in it cannot be sent, or nobody knows how long the body is.
 */
export function requestHead({
  method,
  path,
  headers,
  body,
}: Pick<HttpRequest, "method" | "path" | "headers" | "body">): string {
  // Without a word on it, older servers end the connection with the answer.
  const all = { ...headers, ...contentLength(method, headers, body), connection: "keep-alive" };
  let text = `${checked("method", method)} ${checked("path", path)} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(all)) {
    if (!knownNames.has(name)) knownNames.add(checked("name", name));
    text += `${name}: ${checked("value", value, name)}\r\n`;
  }
  return `${text}\r\n`;
}

/** @param of the header whose value it is. */
function checked(what: keyof typeof grammar, text: string, of?: string): string {
  if (grammar[what].test(text)) return text;
  // Without the text, which may be a secret.
  throw new TypeError(
    `Cannot be sent: the ${what}${of === undefined ? "" : ` of ${of}`} holds what it must not`,
  );
}

function contentLength(
  method: string,
  headers: HttpRequest["headers"],
  body: HttpRequest["body"],
): HttpRequest["headers"] {
  if (headers["content-length"] !== undefined) return {};
  if (body === undefined) return withBody.has(method) ? { "content-length": "0" } : {};
  if (typeof body === "string") return { "content-length": String(Buffer.byteLength(body)) };
  if (body instanceof Uint8Array) return { "content-length": String(body.length) };
  if (Symbol.asyncIterator in body) throw new TypeError("Cannot be sent: a stream without its length");
  return { "content-length": String(body.reduce((sum, { length }) => sum + length, 0)) };
}
