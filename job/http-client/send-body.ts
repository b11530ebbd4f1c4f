import type { Socket } from "node:net";
import type { HttpRequest } from "./http-message.ts";

type Stream = AsyncIterable<Uint8Array>;

/** Sends a request whose body is there already. That it has left is not waited for. */
export function sendWhole(socket: Socket, head: string, body: Exclude<HttpRequest["body"], Stream>): void {
  // In as few packets as it takes.
  socket.cork();
  socket.write(head, "latin1");
  if (typeof body === "string" || body instanceof Uint8Array) socket.write(body);
  else for (const piece of body ?? []) socket.write(piece);
  socket.uncork();
}

export interface SendStreamOptions {
  /** What goes before the body, in Latin-1. */
  readonly head: string;
  /** The body's bytes, as they are announced. */
  readonly bytes: number;
  /** Whether the answer has begun: nobody wants the rest then. */
  readonly isAnswered: () => boolean;
  /** Called when the first is sent: the head goes with the first chunk. */
  readonly onBegun: () => void;
  /** Called when the last of the bytes has left. */
  readonly onSent: () => void;
}

/**
 * Sends a request whose body is a stream; each of its chunks has left before the next is asked for. Resolves when the
 * stream has ended, or the answer has begun.
 *
 * @throws what the stream or the connection meets; when the stream is not as long as was announced, before it could be
 *   taken for whole.
 */
export async function sendStream(
  socket: Socket,
  body: Stream,
  { head, bytes, isAnswered, onBegun, onSent }: SendStreamOptions,
): Promise<void> {
  let unsent = head;
  let size = 0;
  for await (const chunk of body) {
    if (isAnswered()) return;
    size += chunk.length;
    if (size > bytes) throw mismatch(bytes);
    if (unsent !== "") onBegun();
    await hasLeft(socket, unsent, chunk);
    unsent = "";
    // How it ends may take a while to be known.
    if (size === bytes) onSent();
  }
  if (size < bytes) throw mismatch(bytes);
  if (unsent === "") return;
  onBegun();
  socket.write(unsent, "latin1");
  onSent();
}

/** Resolves when a chunk, and what goes before it, has left. */
function hasLeft(socket: Socket, before: string, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.cork();
  if (before !== "") socket.write(before, "latin1");
  socket.write(chunk, (error) => (error ? reject(error) : resolve()));
  socket.uncork();
  return promise;
}

function mismatch(bytes: number): Error {
  return new Error(`the body does not have the ${bytes} bytes that were announced`);
}
