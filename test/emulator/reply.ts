/** The body of an answer: its length in bytes, and the bytes when they are wanted. */
export interface ReplyBody {
  readonly length: number;
  read(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** An answer before it is written, so that a fault can still change it. Header names are in lower case. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent unless the method was HEAD. */
  readonly body?: ReplyBody;
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers };
}

export function bytesReply(
  status: number,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, body: { length: bytes.length, read: () => [bytes] } };
}

export function textReply(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return bytesReply(status, Buffer.from(text), { "content-type": "text/plain; charset=utf-8", ...headers });
}

export function jsonReply(
  status: number,
  document: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return textReply(status, JSON.stringify(document), { "content-type": "application/json", ...headers });
}
