import { ConnectionPool, type ConnectionPoolOptions } from "./connection-pool.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { requestHead } from "./request-head.ts";
import { roundTrip } from "./round-trip.ts";
import { isReset } from "./socket-error.ts";

/** Asks one origin, over connections that are kept between requests. */
export interface HttpClient extends Disposable {
  /**
   * Sends a request. Resolves when the head of its answer has come.
   *
   * @throws what the connection met, with its `code`: `ETIMEDOUT`, `ECONNRESET`, `EBADMSG` for what is no HTTP; what the
   *   body's stream fails with; the signal's reason.
   * @throws {TypeError} when there is something in the request that cannot be sent.
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
      const head = requestHead({ ...request, headers: { host, ...request.headers } });
      for (;;) {
        const connection = await pool.take(request.signal);
        const { socket, wasIdle } = connection;
        const onOver = (idleMs: number | undefined) => pool.giveBack(connection, idleMs);
        try {
          return await roundTrip({ socket, request, head, onOver });
        } catch (error) {
          request.signal?.throwIfAborted();
          if (!wasIdle || !isStale(error, request)) throw error;
        }
      }
    },
    prepare: (connections) => pool.prepare(connections),
    [Symbol.dispose]: () => pool[Symbol.dispose](),
  };
}

/** Whether the server had closed a connection that was kept, while nobody was looking. */
function isStale(error: unknown, { method, body }: HttpRequest): boolean {
  return body === undefined && ["GET", "HEAD"].includes(method) && isReset(error);
}
