import type { ClientRequest } from "node:http";
import type { HttpRequest } from "./http-message.ts";
import { socketError } from "./socket-error.ts";

/**
 * Sends a request's body, and ends the request. A body that fails, or is not as long as was announced, fails the request.
 *
 * @param isAnswered whether the answer has begun: nobody wants the rest then.
 */
export function sendBody(sent: ClientRequest, body: HttpRequest["body"], isAnswered: () => boolean): void {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    sent.end(body);
  } else if (Symbol.asyncIterator in body) {
    pump(sent, body, isAnswered).catch((error: unknown) => {
      if (!isAnswered()) sent.destroy(error as Error);
    });
  } else {
    for (const piece of body) sent.write(piece);
    sent.end();
  }
}

async function pump(
  sent: ClientRequest,
  body: AsyncIterable<Uint8Array>,
  isAnswered: () => boolean,
): Promise<void> {
  const announced = sent.getHeader("content-length");
  const length = announced === undefined ? undefined : Number(announced);
  const send = chunkSender(sent);
  let bytes = 0;
  for await (const chunk of body) {
    if (isAnswered()) return;
    bytes += chunk.length;
    if (length !== undefined && bytes > length) throw mismatch(length);
    await send(chunk, bytes === length);
  }
  if (length !== undefined && bytes < length) throw mismatch(length);
  if (!sent.writableEnded) sent.end();
}

/** Sends chunks one after the other; resolves when one has left. */
function chunkSender(sent: ClientRequest): (chunk: Uint8Array, isLast: boolean) => Promise<void> {
  let pending: ((error: Error) => void) | undefined;
  // A request that is over does not tell what it still held.
  sent.once("close", () => pending?.(closed()));
  return (chunk, isLast) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    pending = reject;
    const left = (error?: Error | null) => {
      pending = undefined;
      if (error) reject(error);
      else resolve();
    };
    if (sent.destroyed) reject(closed());
    else if (isLast) sent.end(chunk, left);
    else sent.write(chunk, left);
    return promise;
  };
}

function closed(): Error {
  return socketError("EPIPE", "the connection was closed while the body was sent");
}

function mismatch(length: number): Error {
  return new Error(`the body does not have the ${length} bytes that were announced`);
}
