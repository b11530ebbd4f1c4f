import type { Socket } from "node:net";
import { onAbort } from "../async/on-abort.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { cutOff, ResponseBody } from "./response-body.ts";
import { notHttp, type ResponseHead } from "./response-head.ts";
import { type ResponseListener, ResponseReader } from "./response-reader.ts";
import { sendStream, sendWhole } from "./send-body.ts";
import { socketError } from "./socket-error.ts";

export interface RoundTripOptions {
  /** Has the connection for itself until that is over. */
  readonly socket: Socket;
  readonly request: HttpRequest;
  /** The request's head, in Latin-1. */
  readonly head: string;
  /**
   * Called when the connection is no longer needed, with the milliseconds for which the server keeps it when it is not
   * used: undefined where it did not say; 0 where it must not be used again.
   */
  readonly onOver: (idleMs: number | undefined) => void;
}

/**
 * Sends one request over a connection. Resolves when the head of its answer has come.
 *
 * @throws what the connection or the body's stream met, with its `code`; `ETIMEDOUT`; `EBADMSG` for what is no HTTP; the
 *   signal's reason.
 */
export function roundTrip(options: RoundTripOptions): Promise<HttpResponse> {
  const trip = new RoundTrip(options);
  trip.begin();
  return trip.answer;
}

class RoundTrip implements ResponseListener {
  readonly #options: RoundTripOptions;
  readonly #reader: ResponseReader;
  readonly #answer = Promise.withResolvers<HttpResponse>();
  #head: ResponseHead | undefined;
  #body: ResponseBody | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  /** Whether anything of the request has been written. */
  #isBegun = false;
  /** Whether all of the request has been written, be it to Node's own buffers. */
  #isSent = false;
  #hasEnded = false;
  #hasSurplus = false;
  /** Whether the connection had to wait for the answer's reader. */
  #wasPaused = false;
  #isOver = false;

  constructor(options: RoundTripOptions) {
    this.#options = options;
    this.#reader = new ResponseReader(options.request.method, this);
  }

  get answer(): Promise<HttpResponse> {
    return this.#answer.promise;
  }

  begin(): void {
    const { socket, request, head } = this.#options;
    const { body, signal } = request;
    // Both may have happened since it was given; no event would tell of it any more.
    if (signal?.aborted === true || socket.destroyed) {
      this.#fail(signal?.aborted === true ? signal.reason : cutOff());
      return;
    }
    socket.on("data", this.#arrived).on("end", this.#ended).on("close", this.#closed).on("error", this.#fail);
    // It may have stood waiting for somebody who did not read.
    socket.resume();
    this.#stopListening = onAbort(signal, () => this.#fail(signal?.reason));
    if (typeof body === "object" && Symbol.asyncIterator in body) void this.#stream(body);
    else {
      this.#isBegun = true;
      sendWhole(socket, head, body);
      this.#sent();
    }
  }

  onHead(head: ResponseHead): void {
    const { socket } = this.#options;
    clearTimeout(this.#timer);
    this.#head = head;
    this.#body = new ResponseBody({
      pause: () => {
        this.#wasPaused = true;
        socket.pause();
      },
      resume: () => socket.resume(),
      destroy: () => this.#leave(0),
    });
    this.#answer.resolve({ status: head.status, headers: head.headers, body: this.#body });
  }

  onPiece(piece: Buffer): void {
    this.#body?.push(piece);
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#body?.end();
  }

  async #stream(body: AsyncIterable<Uint8Array>): Promise<void> {
    const { socket, request, head } = this.#options;
    const isAnswered = () => this.#head !== undefined;
    const bytes = Number(request.headers["content-length"]);
    const onBegun = () => {
      this.#isBegun = true;
    };
    try {
      await sendStream(socket, body, { head, bytes, isAnswered, onBegun, onSent: () => this.#sent() });
    } catch (error) {
      // Of one who has answered the answer is of more use.
      if (!isAnswered()) this.#fail(error);
    }
  }

  /** From now on the answer is waited for. */
  #sent(): void {
    const { timeoutMs } = this.#options.request;
    this.#isSent = true;
    if (this.#isOver || this.#head !== undefined) return;
    this.#timer = setTimeout(() => this.#fail(late(timeoutMs)), timeoutMs);
  }

  readonly #arrived = (bytes: Buffer): void => {
    if (!this.#isBegun) {
      this.#fail(notHttp("it came before anything was asked"));
      return;
    }
    try {
      const surplus = this.#hasEnded ? bytes.length : this.#reader.read(bytes);
      // What of it came later would be taken for the next answer.
      if (surplus > 0) this.#hasSurplus = true;
    } catch (error) {
      this.#fail(error);
    }
    if (this.#hasEnded) this.#end();
  };

  /** The other side has said that it says no more: some answers end so. */
  readonly #ended = (): void => {
    if (this.#reader.close()) this.#leave(0);
    else this.#fail(cutOff());
  };

  readonly #closed = (): void => this.#fail(cutOff());

  /** The answer is whole. */
  #end(): void {
    if (this.#isReusable && !this.#wasPaused) {
      this.#leave(this.#idleMs);
      return;
    }
    // The last of the request may have left in this very turn; what is left of it stands in the way of the next. Where
    // the connection had to wait, more may stand behind the answer, be it the connection's end: two turns later it is seen.
    const leave = () => this.#leave(this.#isReusable ? this.#idleMs : 0);
    setImmediate(() => setImmediate(leave));
  }

  get #isReusable(): boolean {
    const { socket } = this.#options;
    return this.#isSent && socket.writableLength === 0 && !this.#hasSurplus;
  }

  get #idleMs(): number | undefined {
    if (this.#head?.keepsConnection !== true) return 0;
    // What keeps a tunnel are its two ends.
    return this.#options.request.method === "CONNECT" ? undefined : idleMsIn(this.#head);
  }

  readonly #fail = (reason: unknown): void => {
    this.#answer.reject(reason);
    this.#body?.fail(reason);
    this.#leave(0);
  };

  #leave(idleMs: number | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
    const { socket, onOver } = this.#options;
    socket
      .off("data", this.#arrived)
      .off("end", this.#ended)
      .off("close", this.#closed)
      .off("error", this.#fail);
    onOver(idleMs);
  }
}

/** Before that its server closes a connection; what is sent at that moment is lost. */
const closingMs = 1_000;

/** How long a server says that it keeps a connection, undefined where it does not: `Keep-Alive: timeout=5`. */
function idleMsIn({ headers }: ResponseHead): number | undefined {
  const [, text] = /\btimeout=(\d{1,6})/i.exec(headers["keep-alive"] ?? "") ?? [];
  return text === undefined ? undefined : Math.max(0, Number(text) * 1_000 - closingMs);
}

function late(timeoutMs: number): Error {
  return socketError("ETIMEDOUT", `no answer came within ${timeoutMs} ms`);
}
