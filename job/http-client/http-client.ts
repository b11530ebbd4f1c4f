import { Agent, type ClientRequest, type IncomingMessage, request as openRequest } from "node:http";
import type { Socket } from "node:net";
import { Semaphore } from "../async/semaphore.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { ResponseBody } from "./response-body.ts";
import { sendBody } from "./send-body.ts";

/** Asks one origin, over connections that are kept between requests. */
export interface HttpClient extends Disposable {
  /**
   * Sends a request. Resolves when the head of its answer has come.
   *
   * @throws what the connection met, with its `code`: `ETIMEDOUT`, `ECONNRESET`, `HPE_…` for what is no HTTP; what the
   *   body's stream fails with; the signal's reason.
   */
  send(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpClientOptions {
  /** The `host` of requests that name no other. */
  readonly host: string;
  /** Opens a connection; it is given the signal that ends all of them. */
  readonly connect: (signal: AbortSignal) => Promise<Socket>;
  /** The most connections at the same time; a request holds one until its answer's body has ended. */
  readonly connections: number;
  /** Milliseconds that a connection may stay open unused. */
  readonly keepAliveMs: number;
}

export function openHttpClient({ host, connect, connections, keepAliveMs }: HttpClientOptions): HttpClient {
  const closing = new AbortController();
  // The agent counts connections only when they stand.
  const slots = new Semaphore(connections);
  const agent = new Agent({ keepAlive: true, timeout: keepAliveMs });
  agent.createConnection = (_, created) => {
    connect(closing.signal).then(
      (socket) => created?.(null, socket),
      // There is no socket then, which the types do not know of.
      (error) => (created as ((error: Error) => void) | undefined)?.(error),
    );
    return undefined;
  };
  watchIdleSockets(agent);
  const ask = async (request: HttpRequest): Promise<Asked> => {
    for (;;) {
      const sent = open(agent, host, request);
      const over = new Promise<void>((resolve) => sent.once("close", resolve));
      try {
        return { response: await answerTo(sent, request, closing.signal), over };
      } catch (error) {
        request.signal?.throwIfAborted();
        if (!isStale(error, sent, request)) throw error;
      }
    }
  };
  return {
    send(request) {
      const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
      const work = async () => {
        const { response, over } = await ask(request);
        resolve(response);
        await over;
      };
      slots.run(work, request.signal).catch(reject);
      return promise;
    },
    [Symbol.dispose]() {
      closing.abort(Object.assign(new Error("the connections have been closed"), { code: "ECONNABORTED" }));
      agent.destroy();
    },
  };
}

interface Asked {
  readonly response: HttpResponse;
  /** Resolves when the connection is free for another request, or no more. */
  readonly over: Promise<void>;
}

function open(agent: Agent, host: string, request: HttpRequest): ClientRequest {
  const { method, path } = request;
  const headers = { host, ...request.headers };
  return openRequest({ agent, method, path, headers, setHost: false, joinDuplicateHeaders: true });
}

/** Ends a connection on which something comes that nobody has asked for: it would be taken for the next answer. */
function watchIdleSockets(agent: Agent): void {
  const unasked = function (this: Socket) {
    this.destroy();
  };
  const { keepSocketAlive, reuseSocket } = agent;
  agent.keepSocketAlive = (socket) => {
    socket.on("data", unasked).resume();
    return keepSocketAlive.call(agent, socket);
  };
  agent.reuseSocket = (socket, request) => {
    (socket as Socket).off("data", unasked);
    reuseSocket.call(agent, socket, request);
  };
}

async function answerTo(
  sent: ClientRequest,
  { body, timeoutMs, signal }: HttpRequest,
  closing: AbortSignal,
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let answer: IncomingMessage | undefined;
  const stop = (reason: Error) => (answer ?? sent).destroy(reason);
  const abort = () => stop(signal?.reason);
  const close = () => stop(closing.reason);
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(() => sent.destroy(late(timeoutMs)), timeoutMs);
  };
  sent.once("response", (response) => {
    answer = response;
    clearTimeout(timer);
    // Whoever reads it gets its error; one that nobody reads must not end the process.
    response.on("error", () => undefined);
    response.once("end", () => {
      // What is left of the request has lost its purpose, and stands in the way of the next.
      if (!sent.writableEnded) sent.destroy();
    });
    resolve(response);
  });
  sent.on("error", reject);
  sent.once("close", () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    closing.removeEventListener("abort", close);
    reject(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" }));
  });
  if (signal?.aborted) abort();
  else if (closing.aborted) close();
  signal?.addEventListener("abort", abort, { once: true });
  closing.addEventListener("abort", close, { once: true });
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
function isStale(error: unknown, sent: ClientRequest, { body }: HttpRequest): boolean {
  if (!sent.reusedSocket || body !== undefined || !["GET", "HEAD"].includes(sent.method)) return false;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ECONNRESET" || code === "EPIPE";
}

function late(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer came within ${timeoutMs} ms`), { code: "ETIMEDOUT" });
}
