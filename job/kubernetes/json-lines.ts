import { StringDecoder } from "node:string_decoder";
import { PromoterError } from "../error.ts";
import type { ApiAnswer } from "./api-request.ts";

/** An answer that comes in lines. */
export interface LinesAnswer extends Pick<ApiAnswer, "request" | "failure"> {
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The JSON values of an answer that has one in each line, as they come. A last line without its end is not given: the
 * connection broke within it.
 *
 * @throws {PromoterError} `InvalidResponse` for what is no JSON, or a line of more than so many characters; `Network`
 *   and `Timeout` as the answer says.
 */
export async function* jsonLines(
  { body, request, failure }: LinesAnswer,
  mostCharacters: number,
): AsyncGenerator<unknown> {
  const decoder = new StringDecoder("utf8");
  let pieces: string[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      const lines = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)).split("\n");
      const rest = lines.pop() ?? "";
      for (const line of lines) {
        const text = [...pieces, line].join("");
        pieces = [];
        length = 0;
        if (text.trim() !== "") yield parsed(text, request);
      }
      pieces.push(rest);
      length += rest.length;
      if (length > mostCharacters)
        throw unreadable(request, `a line has more than ${mostCharacters} characters`);
    }
  } catch (cause) {
    throw cause instanceof PromoterError ? cause : failure(cause);
  }
}

function parsed(text: string, request: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(request, "it is no JSON", cause);
  }
}

function unreadable(request: string, why: string, cause?: unknown): PromoterError {
  return new PromoterError("InvalidResponse", `Cannot read the Kubernetes API's answer: ${why}`, {
    request,
    cause,
  });
}
