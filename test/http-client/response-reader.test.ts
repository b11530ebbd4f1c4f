import { request as openRequest } from "node:http";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ResponseListener, ResponseReader } from "../../job/http-client/response-reader.ts";

interface Heard {
  readonly status: number | undefined;
  readonly body: string;
  readonly isWhole: boolean;
}

/** Reads what comes in these pieces. */
function hear(pieces: readonly Uint8Array[], method = "GET") {
  let status: number | undefined;
  let body = "";
  let ends = 0;
  let surplus = 0;
  const listener: ResponseListener = {
    onHead(head) {
      expect(status).toBeUndefined();
      status = head.status;
    },
    onPiece(piece) {
      expect(status).toBeDefined();
      expect(piece.length).toBeGreaterThan(0);
      body += piece.toString("latin1");
    },
    onEnd() {
      ends += 1;
    },
  };
  const reader = new ResponseReader(method, listener);
  for (const piece of pieces) surplus += reader.read(Buffer.from(piece));
  const isWhole = reader.close();
  expect(ends).toBe(isWhole ? 1 : 0);
  return { status, body, isWhole, surplus };
}

const bytes = (text: string) => Buffer.from(text, "latin1");
const heard = (text: string, method?: string) => hear([bytes(text)], method);

/** Cuts bytes where `cuts` say, as a network might. */
function cut(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((at) => at % (whole.length + 1)), whole.length])].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, at) => whole.subarray(places[at], end));
}

/** What Node's own parser makes of an answer. */
async function heardByNode(whole: Buffer): Promise<Heard> {
  const connection = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done();
      connection.push(whole);
      connection.push(null);
    },
  });
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const sent = openRequest({ createConnection: () => connection });
  sent.on("error", () => resolve({ status: undefined, body: "", isWhole: false }));
  sent.on("response", (response) => {
    let body = "";
    response.setEncoding("latin1").on("data", (piece: string) => {
      body += piece;
    });
    response.on("error", () => undefined);
    response.on("close", () => resolve({ status: response.statusCode, body, isWhole: response.complete }));
  });
  sent.end();
  return promise;
}

const inPieces = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

describe("an answer", () => {
  it.each([
    ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "hello"],
    [`${inPieces}2\r\nhe\r\n3;ext="x"\r\nllo\r\n0\r\n\r\n`, "hello"],
    [`${inPieces}5 \r\nhello\r\n000\r\ntrailer: x\r\nanother: y\r\n\r\n`, "hello"],
    [`${inPieces}A\r\n0123456789\r\n0\r\n\r\n`, "0123456789"],
    [`${inPieces}0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n`, "hello"],
    ["HTTP/1.1 200 OK\r\n\r\nall there is", "all there is"],
    ["HTTP/1.1 204 No Content\r\n\r\n", ""],
    [
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
      "ok",
    ],
  ])("is read to its end: %j", (text, body) => {
    expect(heard(text)).toMatchObject({ body, isWhole: true, surplus: 0 });
  });

  it.each([
    "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-len",
    `${inPieces}5\r\nhel`,
    `${inPieces}5\r\nhello\r\n`,
    `${inPieces}5\r\nhello\r\n0\r\n`,
    "HTTP/1.1 100 Continue\r\n\r\n",
    "",
  ])("is not whole when the connection ends before it does: %j", (text) => {
    expect(heard(text).isWhole).toBe(false);
  });

  it.each([
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    `${inPieces}5\r\nhello\r\n0\r\n\r\n`,
    "HTTP/1.1 204 No Content\r\n\r\n",
  ])("says how much follows it: %j", (text) => {
    expect(heard(`${text}HTTP/1.1 200 OK\r\n`).surplus).toBe(17);
    expect(hear([bytes(text), bytes("more")]).surplus).toBe(4);
  });

  it("to HEAD ends with its head", () => {
    expect(heard("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "HEAD")).toMatchObject({
      isWhole: true,
      surplus: 0,
    });
    expect(heard(`${inPieces}5\r\nhello\r\n0\r\n\r\n`, "HEAD").surplus).toBe(15);
  });

  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["TLS", "\u0015\u0003\u0001\u0000\u0002\u0002F"],
    ["a page without a head", "<html>"],
    ["a head whose lines end in bare line feeds", "HTTP/1.1 200 OK\ncontent-length: 0\n\n"],
    ["a head without an end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(17_000)}`],
    ["a head that is too long", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(17_000)}\r\n\r\n`],
    ["a piece without a length", `${inPieces}\r\nhello`],
    ["a piece of a length that is none", `${inPieces}0x5\r\nhello`],
    ["a piece of a negative length", `${inPieces}-5\r\nhello`],
    ["a piece beyond numbers", `${inPieces}fffffffffffffffff\r\n`],
    ["a control character behind a piece's length", `${inPieces}5;\u0000\r\nhello\r\n0\r\n\r\n`],
    ["a piece's length that does not end", `${inPieces}5;${"x".repeat(300)}`],
    ["a piece that is longer than it said", `${inPieces}5\r\nhello!\r\n0\r\n\r\n`],
    ["a piece that ends in a bare line feed", `${inPieces}5\r\nhello\n0\r\n\r\n`],
    [
      "more after the last piece than is bearable",
      `${inPieces}0\r\n${`x: ${"y".repeat(1_000)}\r\n`.repeat(17)}`,
    ],
  ])("is refused with %s", (_, text) => {
    expect(() => heard(text)).toThrow(expect.objectContaining({ code: "EBADMSG" }));
  });

  const piece = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 40 });
  const framed = fc.array(piece, { maxLength: 6 }).chain((pieces) => {
    const body = pieces.join("");
    const sizes = pieces.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("");
    return fc.constantFrom(
      { body, text: `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}` },
      { body, text: `${inPieces}${sizes}0\r\n\r\n` },
      { body, text: `HTTP/1.1 200 OK\r\n\r\n${body}` },
    );
  });
  const cuts = fc.array(fc.nat(), { maxLength: 8 });

  it("is the same in whatever pieces it comes", () => {
    fc.assert(
      fc.property(framed, cuts, ({ body, text }, places) => {
        expect(hear(cut(bytes(text), places))).toEqual({ status: 200, body, isWhole: true, surplus: 0 });
      }),
    );
  });

  it("is what Node's parser reads, or is refused, also where a byte is wrong", async () => {
    const wrong = fc.option(fc.tuple(fc.nat(), fc.constantFrom("\r", "\n", ":", " ", "0", "9", "\0", "x")));
    await fc.assert(
      fc.asyncProperty(framed, wrong, async ({ text }, change) => {
        const at = change === null ? 0 : change[0] % text.length;
        const whole = bytes(change === null ? text : text.slice(0, at) + change[1] + text.slice(at + 1));
        let ours: ReturnType<typeof hear>;
        try {
          ours = hear([whole]);
        } catch {
          return;
        }
        // Node refuses the answer where more follows; here the connection goes with it.
        if (!ours.isWhole || ours.surplus > 0) return;
        expect(await heardByNode(whole)).toMatchObject({ status: ours.status, body: ours.body });
      }),
      { numRuns: 300 },
    );
  });
});
