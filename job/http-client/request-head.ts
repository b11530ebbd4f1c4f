import type { HttpRequest } from "./http-message.ts";

/** What may stand in a line, in Latin-1. */
const printable = /^[\t\x20-\x7e\x80-\xff]*$/;

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
  let text = lineOf(`${method} ${path} HTTP/1.1`);
  for (const [name, value] of Object.entries(all)) text += lineOf(`${name}: ${value}`);
  return `${text}\r\n`;
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

function lineOf(text: string): string {
  // Without its value, which may be a secret.
  if (!printable.test(text)) throw new TypeError(`Cannot be sent: ${text.replace(/[: ].*$/s, "")}`);
  return `${text}\r\n`;
}
