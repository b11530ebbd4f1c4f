import { type ClientRequest, type IncomingMessage, request as openRequest } from "node:http";
import { onAbort } from "../async/on-abort.ts";
import { type Connection, ConnectionPool, type ConnectionPoolOptions } from "./connection-pool.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { ResponseBody } from "./response-body.ts";
import { sendBody } from "./send-body.ts";
import { isReset, socketError } from "./socket-error.ts";

/** Asks one origin, over connections that are kept between requests. */
export interface HttpClient extends Disposable {
  /**
   * Sends a request. Resolves when the head of its answer has come.
   *
   * @throws what the connection met, with its `code`: `ETIMEDOUT`, `ECONNRESET`, `HPE_…` for what is no HTTP; what the
   *   body's stream fails with; the signal's reason.
   */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Opens connections ahead, until there are as many as that: requests that are about to come find them open. */
  prepare(connections: number): void;
}

export interface HttpClientOptions extends ConnectionPoolOptions {
  /** The `host` of requests that name no other. */
  readonly host: string;
}

export function openHttpClient({ host, ...options }: HttpClientOptions): HttpClient {
  const pool = new ConnectionPool(options);
  return {
    async send(request) {
      for (;;) {
        const connection = await pool.take(request.signal);
        try {
          const sent = opened(connection, host, request, pool);
          const over = (idleMs: number | undefined) => pool.giveBack(connection, idleMs);
          return await answerTo(sent, request, over);
        } catch (error) {
          request.signal?.throwIfAborted();
          if (!connection.wasIdle || !isStale(error, request)) throw error;
        }
      }
    },
    prepare: (connections) => pool.prepare(connections),
    [Symbol.dispose]: () => pool[Symbol.dispose](),
  };
}

function opened(
  connection: Connection,
  host: string,
  { method, path, headers }: HttpRequest,
  pool: ConnectionPool,
): ClientRequest {
  try {
    return openRequest({
      createConnection: () => connection.socket,
      method,
      path,
      // Without an agent Node would end the connection with the answer.
      headers: { host, connection: "keep-alive", ...headers },
      setHost: false,
      joinDuplicateHeaders: true,
    });
  } catch (error) {
    // What cannot be sent has done nothing to the connection.
    pool.giveBack(connection);
    throw error;
  }
}

/** Before that its server closes a connection; what is sent at that moment is lost. */
const closingMs = 1_000;

/** How long a server says that it keeps a connection, undefined where it does not: `Keep-Alive: timeout=5`. */
function idleMsOf({ headers }: IncomingMessage): number | undefined {
  const [, text] = /\btimeout=(\d{1,6})/i.exec(String(headers["keep-alive"] ?? "")) ?? [];
  return text === undefined ? undefined : Math.max(0, Number(text) * 1_000 - closingMs);
}

/** @param over called when the request is, with the milliseconds for which its connection can be kept. */
async function answerTo(
  sent: ClientRequest,
  { body, timeoutMs, signal }: HttpRequest,
  over: (idleMs: number | undefined) => void,
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let answer: IncomingMessage | undefined;
  const abort = () => (answer ?? sent).destroy(signal?.reason);
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    if (answer !== undefined) return;
    timer = setTimeout(() => sent.destroy(late(timeoutMs)), timeoutMs);
  };
  sent.once("response", (response) => {
    answer = response;
    clearTimeout(timer);
    // Whoever reads it gets its error; one that nobody reads must not end the process.
    response.on("error", () => undefined);
    response.once("end", () => {
      // What is left of the request has lost its purpose, and stands in the way of the next. The last of it may have
      // left in this very turn.
      if (!sent.writableFinished) setImmediate(() => !sent.writableFinished && sent.destroy());
    });
    resolve(response);
  });
  sent.on("error", reject);
  sent.once("close", () => {
    // What Node is not going to use again it has ended by then.
    over(answer?.complete === true && sent.socket?.writable === true ? idleMsOf(answer) : 0);
    clearTimeout(timer);
    stopListening();
    if (answer === undefined) reject(socketError("ECONNRESET", "the connection was closed"));
  });
  const stopListening = onAbort(signal, abort);
  if (signal?.aborted) abort();
  // A stream takes its time, and is watched by whoever sends it.
  const isStream = typeof body === "object" && Symbol.asyncIterator in body;
  sent.once(isStream ? "finish" : "socket", wait);
  sendBody(sent, body, () => answer !== undefined);
  const response = await promise;
  endOnSurplus(sent, response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: new ResponseBody(response),
  };
}

/** Ends a connection on which more comes than the answer: what of it came later would be taken for the next answer. */
function endOnSurplus(sent: ClientRequest, response: IncomingMessage): void {
  const { socket } = response;
  let isComplete = response.complete;
  // The parser has had each piece before.
  const look = () => {
    if (isComplete) socket.destroy();
    isComplete = response.complete;
  };
  socket.on("data", look);
  sent.once("close", () => socket.off("data", look));
}

/** Whether the server had closed a connection that was kept, while nobody was looking. */
function isStale(error: unknown, { method, body }: HttpRequest): boolean {
  return body === undefined && ["GET", "HEAD"].includes(method) && isReset(error);
}

function late(timeoutMs: number): Error {
  return socketError("ETIMEDOUT", `no answer came within ${timeoutMs} ms`);
}
