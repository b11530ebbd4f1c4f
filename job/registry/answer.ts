import { PromoterError } from "../error.ts";
import type { HttpResponse } from "../http-client/http-message.ts";
import { maxErrorBytes } from "./error-body.ts";

/** The bytes of an answer. A chunk of a large one holds its bytes until the next but one is asked for. */
export interface AnswerBody extends AsyncIterable<Uint8Array> {
  /** Called with the number of bytes whenever some come, by what gathers them into chunks. */
  onReceived?: ((bytes: number) => void) | undefined;
  /** Ends it before its end, and the connection with it. */
  destroy(error?: Error): void;
  /** All of it; undefined, and it is ended, where there are more bytes than that. */
  bytes(options: { readonly limit: number }): Promise<Buffer | undefined>;
  /** Reads it to its end, or ends it where there are more bytes than that. */
  dump(options: { readonly limit: number }): Promise<void>;
  once(event: "close", listener: () => void): unknown;
}

/** What answered a request. Whoever has it reads its body to the end, or destroys it: until then it holds a connection. */
export interface Answer {
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  readonly body: AnswerBody;
  /** The address that answered, after redirects. */
  readonly url: URL;
  /** Whether that is another origin than the registry's. */
  readonly fromStorage: boolean;
}

/** Lets the body go, so that its connection serves the next request. */
export async function discard({ body }: Answer): Promise<void> {
  await body.dump({ limit: maxErrorBytes }).catch(() => undefined);
}

/**
 * The whole body, of at most `cap` bytes; undefined when there is more.
 *
 * @throws {PromoterError} `InvalidResponse` when something on the way has encoded it.
 */
export async function readBytes(answer: Answer, cap: number): Promise<Uint8Array | undefined> {
  assertNotEncoded(answer);
  return answer.body.bytes({ limit: cap });
}

/** The beginning of an error's body. What cannot be read of it is not worth another error. */
export async function readErrorText({ body }: Answer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxErrorBytes) break;
    }
  } catch {
    // The status alone tells enough.
  }
  return Buffer.concat(chunks).subarray(0, maxErrorBytes).toString("utf8");
}

/** @throws {PromoterError} `InvalidResponse`: digests are over the stored bytes, so an encoded body proves nothing. */
export function assertNotEncoded(answer: Answer): void {
  const encoding = answer.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return;
  throw new PromoterError(
    "InvalidResponse",
    `Refused what ${answer.url.host} sent: it is encoded (${encoding.slice(0, 40)}) although it was asked for as it is`,
    { hint: `Turn compression off in the proxy before ${answer.url.host}` },
  );
}
