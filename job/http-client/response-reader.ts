import { headersIn, maxHeadBytes, notHttp, parseResponseHead, type ResponseHead } from "./response-head.ts";

/** What is told of an answer, in this order. */
export interface ResponseListener {
  onHead(head: ResponseHead): void;
  /** A piece of the body. */
  onPiece(piece: Buffer): void;
  /** Called once, when the last of the body has come. */
  onEnd(): void;
}

/** What is to come next; `rest` is all until the connection's end. */
type Expected = "head" | "bytes" | "size" | "piece" | "piece-end" | "trailer" | "rest" | "nothing";

/** With what each answer begins. */
const beginning = "HTTP/1.";

/** The longest line that announces a piece, its extensions included. */
const maxSizeLine = 128;
const sizeLine = /^0*([0-9a-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;

/**
 * Reads one answer of HTTP/1.1 from the bytes of a connection, in whatever pieces they come.
 * {@link https://www.rfc-editor.org/rfc/rfc9112}
 */
export class ResponseReader {
  readonly #method: string;
  readonly #listener: ResponseListener;
  #expected: Expected = "head";
  /** Bytes that are still to come of the body, or of a piece of it; or that may still come after its last piece. */
  #left = 0;
  /** The beginning of what has not come whole: a head, a line. */
  #begun: Buffer | undefined;

  constructor(method: string, listener: ResponseListener) {
    this.#method = method;
    this.#listener = listener;
  }

  /**
   * Takes what has come.
   *
   * @returns how many bytes of it are left over after the answer's end.
   * @throws an error with the code `EBADMSG` for what is no HTTP.
   */
  read(arrived: Buffer): number {
    let bytes = this.#begun === undefined ? arrived : Buffer.concat([this.#begun, arrived]);
    this.#begun = undefined;
    while (bytes.length > 0 && this.#expected !== "nothing") {
      const taken = this.#take(bytes);
      if (taken === 0) {
        this.#begun = bytes;
        return 0;
      }
      bytes = bytes.subarray(taken);
    }
    return bytes.length;
  }

  /** Takes note that the connection has ended. @returns whether the answer is whole by that. */
  close(): boolean {
    if (this.#expected === "rest") this.#end();
    return this.#expected === "nothing";
  }

  /** @returns how many bytes were taken; none when there are too few. */
  #take(bytes: Buffer): number {
    switch (this.#expected) {
      case "head":
        return this.#takeHead(bytes);
      case "size":
        return this.#takeSize(bytes);
      case "piece-end":
        return this.#takePieceEnd(bytes);
      case "trailer":
        return this.#takeTrailer(bytes);
      case "rest":
        this.#listener.onPiece(bytes);
        return bytes.length;
      default:
        return this.#takeBytes(bytes);
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf("\r\n\r\n", 0, "latin1");
    if (end > maxHeadBytes || (end < 0 && bytes.length > maxHeadBytes)) throw notHttp("its head is too long");
    if (end < 0) {
      // What speaks otherwise need not be heard to its end, which may never come.
      const isOther = !beginning.startsWith(bytes.toString("latin1", 0, beginning.length));
      if (isOther || bytes.includes("\n\n", 0, "latin1")) throw notHttp("it begins otherwise");
      return 0;
    }
    const head = parseResponseHead(bytes.toString("latin1", 0, end), this.#method);
    if (head.status >= 200) this.#begin(head);
    return end + 4;
  }

  #begin(head: ResponseHead): void {
    this.#listener.onHead(head);
    const { framing } = head;
    if (framing === 0) this.#end();
    else if (framing === "chunked") this.#expected = "size";
    else if (framing === "until-close") this.#expected = "rest";
    else {
      this.#expected = "bytes";
      this.#left = framing;
    }
  }

  #takeBytes(bytes: Buffer): number {
    const piece = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= piece.length;
    this.#listener.onPiece(piece);
    if (this.#left === 0) {
      if (this.#expected === "piece") this.#expected = "piece-end";
      else this.#end();
    }
    return piece.length;
  }

  #takeSize(bytes: Buffer): number {
    const line = lineOf(bytes, maxSizeLine);
    if (line === undefined) return 0;
    const [, size] = sizeLine.exec(line) ?? [];
    if (size === undefined) throw notHttp("a piece has no length");
    const length = Number.parseInt(size, 16);
    this.#expected = length === 0 ? "trailer" : "piece";
    this.#left = length === 0 ? maxHeadBytes : length;
    return line.length + 2;
  }

  #takePieceEnd(bytes: Buffer): number {
    const line = lineOf(bytes, 0);
    if (line === undefined) return 0;
    this.#expected = "size";
    return 2;
  }

  /** Of what is said after the body nothing is wanted. */
  #takeTrailer(bytes: Buffer): number {
    const line = lineOf(bytes, this.#left);
    if (line === undefined) return 0;
    this.#left -= line.length;
    if (line === "") this.#end();
    else headersIn([line]);
    return line.length + 2;
  }

  #end(): void {
    this.#expected = "nothing";
    this.#listener.onEnd();
  }
}

/** The line with which `bytes` begin, without its end; undefined when that has not come. */
function lineOf(bytes: Buffer, maxLength: number): string | undefined {
  const end = bytes.indexOf("\r\n", 0, "latin1");
  if (end > maxLength || (end < 0 && bytes.length > maxLength + 1)) throw notHttp("a line is too long");
  return end < 0 ? undefined : bytes.toString("latin1", 0, end);
}
