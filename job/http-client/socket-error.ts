/** How a connection fails, in Node's words. */
export type SocketErrorCode = "EBADMSG" | "ECONNABORTED" | "ECONNRESET" | "ETIMEDOUT";

/** @returns an error as sockets have them, told apart by its `code`. */
export function socketError(code: SocketErrorCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Whether the other side has ended a connection. */
export function isReset(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ECONNRESET" || code === "EPIPE";
}
