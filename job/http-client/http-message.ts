import type { ResponseBody } from "./response-body.ts";

export interface HttpRequest {
  readonly method: string;
  /** Path and query; for a proxy that forwards, the whole address. */
  readonly path: string;
  /** By names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Bytes, bytes in pieces, or a stream, of which each chunk has left before the next is asked for. How long a stream is
   * has to be among the headers.
   */
  readonly body?: string | Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>;
  /** Milliseconds from the request's end to the head of its answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** By names in small letters; several of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whoever has it reads it to the end, or destroys it: until then it holds a connection. */
  readonly body: ResponseBody;
}
