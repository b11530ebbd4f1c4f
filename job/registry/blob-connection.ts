import type { Socket } from "node:net";
import { onAbort } from "../async/on-abort.ts";
import type { OnRead } from "../http-client/connect.ts";
import { requestHead } from "../http-client/request-head.ts";
import { cutOff } from "../http-client/response-body.ts";
import type { ResponseHead } from "../http-client/response-head.ts";
import { socketError } from "../http-client/socket-error.ts";
import { BlobBody } from "./blob-body.ts";
import { BufferRing } from "./buffer-ring.ts";

/** Connects to where a connection's socket leads; `onread` becomes the socket's. */
export type Connect = (onread: OnRead, signal: AbortSignal | undefined) => Promise<Socket>;

export interface BlobRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds to wait for the head of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface BlobAnswer extends Pick<ResponseHead, "status" | "headers"> {
  readonly body: BlobBody;
}

export interface BlobConnectionOptions {
  readonly connect: Connect;
  /** Milliseconds that it may stay open unused. */
  readonly keepAliveMs: number;
  /** Called when it is free for another request, and when it is no more. */
  readonly onIdle: (connection: BlobConnection) => void;
  readonly onClose: (connection: BlobConnection) => void;
}

/**
 * A connection that large bodies are read from: HTTP/1.1, one GET at a time, straight from the socket into buffers that
 * are used again. Node's streams make a buffer of every piece that comes, which takes as much of the processor as
 * hashing the bytes.
 */
export class BlobConnection {
  readonly #options: BlobConnectionOptions;
  /** Of the body that comes, or of the next: the socket has to know ahead where its bytes go. */
  #ring = new BufferRing();
  #socket: Socket | undefined;
  #body: BlobBody | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: BlobConnectionOptions) {
    this.#options = options;
  }

  async open(signal: AbortSignal | undefined): Promise<void> {
    const onread = {
      buffer: () => this.#ring.space,
      callback: (bytes: number) => this.#arrived(bytes),
    };
    const socket = await this.#options.connect(onread, signal);
    this.#socket = socket;
    socket.on("timeout", () => socket.destroy());
    socket.on("error", (error) => this.#body?.fail(error));
    socket.on("end", () => this.#closed());
    socket.on("close", () => this.#closed());
  }

  /**
   * Sends a request. Resolves when the head of its answer has come; undefined when that cannot be read here.
   * @throws what the socket met, with its `code`; `ETIMEDOUT`; the signal's reason.
   */
  async get({ path, headers, timeoutMs, signal }: BlobRequest): Promise<BlobAnswer | undefined> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) throw cutOff();
    signal?.throwIfAborted();
    const text = requestHead({ method: "GET", path, headers });
    const body = new BlobBody(
      {
        resume: () => socket.resume(),
        destroy: () => socket.destroy(),
        finish: (reusable) => this.#finished(reusable),
      },
      this.#ring,
    );
    this.#body = body;
    this.#stopListening = onAbort(signal, () => body.fail(signal?.reason));
    const timer = setTimeout(() => body.fail(late()), timeoutMs);
    socket.setTimeout(0);
    socket.ref();
    socket.resume();
    socket.write(text, "latin1");
    try {
      const head = await body.head;
      return head && { ...head, body };
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(): void {
    this.#socket?.destroy();
  }

  #arrived(bytes: number): boolean {
    if (this.#body !== undefined) return this.#body.arrived(bytes);
    // Nothing was asked for.
    this.destroy();
    return false;
  }

  #finished(reusable: boolean): void {
    this.#body = undefined;
    // Whoever reads may still hold the last chunks.
    this.#ring = new BufferRing();
    this.#stopListening?.();
    if (!reusable) {
      this.destroy();
      return;
    }
    // With TLS an answer may end after its socket was told to wait; what comes unasked is to be seen.
    this.#socket?.resume();
    this.#socket?.setTimeout(this.#options.keepAliveMs);
    this.#socket?.unref();
    this.#options.onIdle(this);
  }

  #closed(): void {
    this.#body?.fail(cutOff());
    this.#body = undefined;
    this.#stopListening?.();
    this.destroy();
    this.#options.onClose(this);
  }
}

function late(): Error {
  return socketError("ETIMEDOUT", "no answer came in time");
}
