import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseResponseHead } from "../../job/registry/response-head.ts";

const headOf = (...lines: readonly string[]) => parseResponseHead(lines.join("\r\n"));

describe("the head of a response", () => {
  it("gives status, headers in small letters, and the length of the body", () => {
    expect(
      headOf("HTTP/1.1 206 Partial Content", "Content-Length:  12 ", "Warning: a", "warning: b", "X:"),
    ).toEqual({
      status: 206,
      headers: Object.assign(Object.create(null), {
        "content-length": "12",
        warning: ["a", "b"],
        x: "",
      }),
      bodyBytes: 12,
      keepsConnection: true,
    });
  });

  it.each([
    ["HTTP/1.1 200 OK", undefined],
    ["HTTP/1.1 200", undefined],
    ["HTTP/1.1 204 No Content", 0],
    ["HTTP/1.1 304 Not Modified", 0],
  ])("%s tells the body's length: %s", (line, bytes) => expect(headOf(line)?.bodyBytes).toBe(bytes));

  it.each([
    ["close", false],
    ["keep-alive, Close", false],
    ["keep-alive", true],
  ])("connection: %s keeps it: %s", (value, keeps) =>
    expect(headOf("HTTP/1.1 200 OK", `Connection: ${value}`)?.keepsConnection).toBe(keeps),
  );

  it.each([204, 304])("keeps no connection on which a body may follow a %i", (status) => {
    const head = headOf(`HTTP/1.1 ${status} Odd`, "content-length: 3");
    expect(head).toMatchObject({ bodyBytes: 0, keepsConnection: false });
    expect(headOf(`HTTP/1.1 ${status} Odd`, "content-length: 0")?.keepsConnection).toBe(true);
  });

  it.each([
    ["an older version", ["HTTP/1.0 200 OK"]],
    ["an interim answer", ["HTTP/1.1 103 Early Hints"]],
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
    ["a length beyond numbers", ["HTTP/1.1 200 OK", "content-length: 9999999999999999"]],
    ["pieces of a length each", ["HTTP/1.1 200 OK", "transfer-encoding: chunked"]],
    ["pieces and a length", ["HTTP/1.1 200 OK", "content-length: 1", "transfer-encoding: chunked"]],
  ])("is left to others with %s", (_, lines) => expect(headOf(...lines)).toBeUndefined());

  it("never becomes more than its lines, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary-ascii" }), { maxLength: 8 }), (lines) => {
        const head = headOf("HTTP/1.1 200 OK", ...lines);
        const values = Object.values(head?.headers ?? {}).flat();
        expect(values.length).toBeLessThanOrEqual(lines.join("\r\n").split("\r\n").length);
        for (const value of values) expect(value).not.toMatch(/[\r\n\0]/);
      }),
    );
  });
});
