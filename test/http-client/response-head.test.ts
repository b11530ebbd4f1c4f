import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseResponseHead, type ResponseHead } from "../../job/http-client/response-head.ts";

const headOf = (...lines: readonly string[]) => parseResponseHead(lines.join("\r\n"), "GET");

/** The head; nothing where it is refused. */
function headIn(lines: readonly string[]): ResponseHead | undefined {
  try {
    return headOf(...lines);
  } catch (error) {
    expect(error).toMatchObject({ code: "EBADMSG" });
    return undefined;
  }
}

describe("the head of a response", () => {
  it("gives status, headers in small letters, and the length of the body", () => {
    const head = headOf("HTTP/1.1 206 Partial", "Content-Length:  12 ", "Warning: a", "warning: b \t", "X:");
    expect(head).toEqual({
      status: 206,
      headers: Object.assign(Object.create(null), { "content-length": "12", warning: "a, b", x: "" }),
      framing: 12,
      keepsConnection: true,
    });
  });

  it.each<[string, readonly string[], ResponseHead["framing"]]>([
    ["HTTP/1.1 200 OK", [], "until-close"],
    ["HTTP/1.1 200", [], "until-close"],
    ["HTTP/1.1 200 OK", ["content-length: 0"], 0],
    ["HTTP/1.1 200 OK", ["transfer-encoding: Chunked"], "chunked"],
    ["HTTP/1.1 204 No Content", [], 0],
    ["HTTP/1.1 304 Not Modified", ["content-length: 7"], 0],
    ["HTTP/1.1 103 Early Hints", [], 0],
    ["HTTP/1.0 200 OK", ["content-length: 7"], 7],
  ])("%s with %j tells where the body ends: %s", (line, lines, framing) =>
    expect(headOf(line, ...lines).framing).toBe(framing),
  );

  it.each([
    ["HTTP/1.1", "close", false],
    ["HTTP/1.1", "keep-alive, Close", false],
    ["HTTP/1.1", "keep-alive", true],
    ["HTTP/1.1", "x", true],
    ["HTTP/1.0", "Keep-Alive", true],
    ["HTTP/1.0", "x", false],
  ])("%s with connection: %s keeps it: %s", (version, value, keeps) =>
    expect(headOf(`${version} 200 OK`, "content-length: 1", `Connection: ${value}`).keepsConnection).toBe(
      keeps,
    ),
  );

  it("of a tunnel keeps its connection, however old it is", () => {
    const head = parseResponseHead("HTTP/1.0 200 Connection established", "CONNECT");
    expect(head).toMatchObject({ framing: 0, keepsConnection: true });
    expect(parseResponseHead("HTTP/1.1 407 No\r\ncontent-length: 5", "CONNECT").framing).toBe(5);
  });

  it("keeps no connection on which pieces came from what knows none", () => {
    const head = headOf("HTTP/1.0 200 OK", "connection: keep-alive", "transfer-encoding: chunked");
    expect(head).toMatchObject({ framing: "chunked", keepsConnection: false });
  });

  it("keeps no connection whose end is the body's", () => {
    expect(headOf("HTTP/1.1 200 OK", "connection: keep-alive").keepsConnection).toBe(false);
  });

  it.each([204, 304])("keeps no connection on which a body may follow a %i", (status) => {
    for (const line of ["content-length: 3", "transfer-encoding: chunked"]) {
      expect(headOf(`HTTP/1.1 ${status} Odd`, line)).toMatchObject({ framing: 0, keepsConnection: false });
    }
    expect(headOf(`HTTP/1.1 ${status} Odd`, "content-length: 0").keepsConnection).toBe(true);
    expect(headOf(`HTTP/1.1 ${status} Odd`).keepsConnection).toBe(true);
  });

  it.each([
    ["HEAD", 200, ["content-length: 5"]],
    ["HEAD", 200, ["transfer-encoding: chunked"]],
    ["HEAD", 404, []],
    ["CONNECT", 200, []],
    ["CONNECT", 200, ["content-length: 5", "transfer-encoding: chunked", "connection: close"]],
  ])("%s is answered %i without a body, and keeps the connection, with %j", (method, status, lines) => {
    const text = [`HTTP/1.1 ${status} X`, ...lines].join("\r\n");
    expect(parseResponseHead(text, method)).toMatchObject({ framing: 0, keepsConnection: true });
  });

  it.each([
    ["another version", ["HTTP/2 200 OK"]],
    ["another protocol", ["HTTP/1.1 101 Switching Protocols"]],
    ["no status", ["HTTP/1.1 OK"]],
    ["a status that is none", ["HTTP/1.1 600 Odd"]],
    ["a bare line feed", ["HTTP/1.1 200 OK\nx: y"]],
    ["a folded line", ["HTTP/1.1 200 OK", "a: b", " c"]],
    ["a space before the colon", ["HTTP/1.1 200 OK", "a : b"]],
    ["a line without a colon", ["HTTP/1.1 200 OK", "a"]],
    ["a control character", ["HTTP/1.1 200 OK", "a: \u0000"]],
    ["two lengths", ["HTTP/1.1 200 OK", "content-length: 1", "content-length: 1"]],
    ["a list of lengths", ["HTTP/1.1 200 OK", "content-length: 1, 1"]],
    ["a signed length", ["HTTP/1.1 200 OK", "content-length: +1"]],
    ["a length behind a space that is none", ["HTTP/1.1 200 OK", "content-length:\u00a02"]],
    ["no length where one is announced", ["HTTP/1.1 200 OK", "content-length:"]],
    ["a length beyond numbers", ["HTTP/1.1 200 OK", "content-length: 9999999999999999"]],
    ["an encoding that is not known", ["HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked"]],
    ["pieces and a length", ["HTTP/1.1 200 OK", "content-length: 1", "transfer-encoding: chunked"]],
  ])("is refused with %s", (_, lines) => expect(headIn(lines)).toBeUndefined());

  it("has no names but those that were sent", () => {
    const { headers } = headOf("HTTP/1.1 200 OK", "__proto__: x", "constructor: y");
    expect(Object.entries(headers)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  it("never becomes more than its lines, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary-ascii" }), { maxLength: 8 }), (lines) => {
        const values = Object.values(headIn(["HTTP/1.1 200 OK", ...lines])?.headers ?? {});
        expect(values.length).toBeLessThanOrEqual(lines.join("\r\n").split("\r\n").length);
        for (const value of values) expect(value).not.toMatch(/[\r\n\0]/);
      }),
    );
  });
});
