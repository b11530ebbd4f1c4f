import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseErrorBody } from "../../job/registry/error-body.ts";

describe("parseErrorBody", () => {
  it.each([
    ['{"errors":[{"code":"DENIED","message":"no"}]}', [{ code: "DENIED", message: "no" }]],
    [
      '{"errors":[{"code":"A","message":""},{"code":"B","detail":"why"}]}',
      [
        { code: "A", message: "" },
        { code: "B", message: "why" },
      ],
    ],
    ['{"errors":[{"code":"A","detail":{"message":"deep"}}]}', [{ code: "A", message: "deep" }]],
    ['{"errors":[]}', []],
    ['{"errors":[null,7,{"code":7}]}', []],
    ['{"message":"Too large"}', [{ code: "", message: "Too large" }]],
    ['{"error":"forbidden"}', [{ code: "", message: "forbidden" }]],
    ['{"error":{"message":"forbidden"}}', [{ code: "", message: "forbidden" }]],
    ["{}", []],
    ['{"errors":', [{ code: "", message: '{"errors":' }]],
    [
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has\n expired</Message></Error>',
      [{ code: "AccessDenied", message: "Request has expired" }],
    ],
    [
      "<html><head><title>502 Bad Gateway</title></head><body><h1>Sorry</h1></body></html>",
      [{ code: "", message: "502 Bad Gateway" }],
    ],
    ["<html><body>nothing to see</body></html>", []],
    ["404 page not found\n", [{ code: "", message: "404 page not found" }]],
    ["first\r\nsecond", [{ code: "", message: "first" }]],
    ["  ", []],
  ])("%j", (text, expected) => {
    expect(parseErrorBody(text)).toEqual(expected);
  });

  it("never fails", () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string().map((text) => `<${text}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        for (const { code, message } of parseErrorBody(text)) {
          expect(typeof code).toBe("string");
          expect(message).not.toMatch(/[\r\n]/);
        }
      }),
    );
  });
});
