import { describe, expect, it } from "vitest";
import { PromoterError } from "../job/error.ts";
import { createLogger, type LoggerOptions } from "../job/logger.ts";
import { redactFields, redactText } from "../job/redaction.ts";

function stage(options: Partial<LoggerOptions> & { isTerminal?: boolean } = {}) {
  let text = "";
  let now = Date.UTC(2026, 0, 1);
  const { isTerminal = false, ...rest } = options;
  const write = (part: string) => {
    text += part;
  };
  const logger = createLogger({
    output: { write, isTerminal, columns: 80 },
    level: "info",
    format: "auto",
    clock: { now: () => now, random: () => 0, sleep: async () => {} },
    ...rest,
  });
  return {
    logger,
    written: () => text,
    pass: (ms: number) => {
      now += ms;
    },
    records: async () => {
      await logger.flush();
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

describe("elsewhere than on a terminal", () => {
  it("writes JSON lines, in order, with the time at which it was called", async () => {
    const { logger, pass, records } = stage();
    logger.info({ image: "h/r:1" }, "First");
    pass(1_500);
    logger.warn({}, "Second");
    await logger.flush();
    logger.error({}, "Third");
    expect(await records()).toEqual([
      { level: "info", time: "2026-01-01T00:00:00.000Z", image: "h/r:1", msg: "First" },
      { level: "warn", time: "2026-01-01T00:00:01.500Z", msg: "Second" },
      { level: "error", time: "2026-01-01T00:00:01.500Z", msg: "Third" },
    ]);
  });

  it("writes at once what comes after the first record was written", async () => {
    const { logger, written } = stage();
    logger.info({}, "First");
    await logger.flush();
    logger.info({}, "Second");
    expect(written().split("\n")).toHaveLength(3);
  });

  it("tells errors by code, message and hint, and those of nobody's making by their stack", async () => {
    const { logger, records } = stage();
    const cause = new TypeError("x is not a function");
    logger.error(
      { error: new PromoterError("Denied", "No", { hint: "Grant it", status: 403, cause }) },
      "Failed",
    );
    expect((await records())[0]?.error).toMatchObject({
      code: "Denied",
      message: "No",
      hint: "Grant it",
      status: 403,
      cause: {
        name: "TypeError",
        message: "x is not a function",
        stack: expect.stringContaining("logger.test.ts"),
      },
    });
  });

  it("escapes what a terminal would act upon", async () => {
    const { logger, written, records } = stage();
    logger.info({ tag: "\u202e\u009b" }, "a\u001b[2J\nb");
    expect(await records()).toMatchObject([{ tag: "\u202e\u009b", msg: "a\u001b[2J\nb" }]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(written()).not.toMatch(/[\u001b\u009b\u202e]|\n./);
  });
});

describe("on a terminal", () => {
  it("writes short lines, fields behind the message, the hint beneath", () => {
    const { logger, written } = stage({ isTerminal: true, color: false });
    logger.warn({ code: "Denied", path: "a b", hint: "Grant it", gone: undefined }, "Cannot post an Event");
    logger.info({ list: [1, { a: 2 }] }, "Listed");
    expect(written()).toBe(
      'warn  Cannot post an Event code=Denied path="a b"\n      → Grant it\ninfo  Listed list=[1,{"a":2}]\n',
    );
  });

  it("is coloured", () => {
    const { logger, written } = stage({ isTerminal: true });
    logger.error({}, "Failed");
    expect(written()).toContain("\u001b[31merror\u001b[39m Failed");
  });

  it("tells the time since the start when debugging", () => {
    const { logger, written, pass } = stage({ isTerminal: true, color: false, level: "debug" });
    pass(1_234);
    logger.debug({}, "Asked");
    expect(written()).toBe("   1.234 debug Asked\n");
  });

  it("lets nothing from outside act on the terminal", () => {
    const { logger, written } = stage({ isTerminal: true, color: false });
    logger.info({ "k\n": "\u001b[2J", hint: "\u009b", wide: "a \u202e" }, "x\r\ny");
    expect(written()).toBe('info  x\\r\\ny k\\n=\\u{1b}[2J wide="a \\u202e"\n      → \\u{9b}\n');
  });
});

describe("levels and formats", () => {
  it.each([
    ["debug", 4],
    ["info", 3],
    ["warn", 2],
    ["error", 1],
    ["silent", 0],
  ] as const)("%s writes %i of four", async (level, expected) => {
    const { logger, records } = stage({ level });
    for (const severity of ["debug", "info", "warn", "error"] as const) logger[severity]({}, "x");
    expect(await records()).toHaveLength(expected);
  });

  it("does as it is told rather than as the terminal is", async () => {
    const text = stage({ format: "text", isTerminal: false });
    text.logger.info({}, "x");
    expect(text.written()).toBe("info  x\n");
    const json = stage({ format: "json", isTerminal: true });
    json.logger.info({}, "x");
    expect(await json.records()).toMatchObject([{ msg: "x" }]);
  });
});

describe("redaction", () => {
  it.each([
    "authorization",
    "Authorization",
    "proxy-authorization",
    "password",
    "token",
    "identityToken",
    "x-amz-security-token",
    "secretAccessKey",
    "client_secret",
    "set-cookie",
    "auth",
  ])("hides %s at any of four levels", (key) => {
    const fields = {
      [key]: "s3cret",
      a: { [key]: "s3cret", b: { [key]: ["s3cret"], c: { [key]: "s3cret" } } },
    };
    const shown = JSON.stringify(redactFields(fields));
    expect(shown).not.toContain("s3cret");
    expect(shown.match(/\[redacted\]/g)).toHaveLength(4);
  });

  it("shows nothing that is deeper, and ends cycles", () => {
    const cycle: Record<string, unknown> = { token: "s3cret" };
    cycle.self = cycle;
    expect(redactFields({ cycle })).toEqual({
      cycle: {
        token: "[redacted]",
        self: { token: "[redacted]", self: { token: "[redacted]", self: "[…]" } },
      },
    });
  });

  it("leaves what only sounds like a secret", () => {
    const fields = { tokenExpiresAt: 5, image: "h/r:1", tokens: 3, author: "me", password: undefined };
    expect(redactFields(fields)).toEqual(fields);
  });

  it.each([
    [
      "GET https://s3.example/a?X-Amz-Date=1&X-Amz-Signature=abc failed",
      "GET https://s3.example/a?[redacted] failed",
    ],
    ['"https://x.blob.example/a?sv=1&sig=abc"', '"https://x.blob.example/a?[redacted]"'],
    ["https://cdn.example/a?Expires=1&Signature=abc&Key-Pair-Id=K", "https://cdn.example/a?[redacted]"],
    ["https://auth.example/t?access_token=abc", "https://auth.example/t?[redacted]"],
    ["https://user:pass@host/x", "https://[redacted]@host/x"],
    ["authorization: Bearer eyJhbGciOiJIUzI1NiJ9.x", "authorization: Bearer [redacted]"],
    ["sent Basic QVdTOmFiY2RlZmdoaWprbA==", "sent Basic [redacted]"],
    ["https://h/v2/r/tags/list?n=100&last=a", "https://h/v2/r/tags/list?n=100&last=a"],
    ["h/r:1@sha256:ab // no@credentials?", "h/r:1@sha256:ab // no@credentials?"],
    ['Basic realm="x"', 'Basic realm="x"'],
  ])("%s", (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactFields({ nested: { list: [text] } })).toEqual({ nested: { list: [expected] } });
  });

  it("is done to messages, fields, and errors with their causes", async () => {
    const { logger, records } = stage();
    const signed = "https://s3.example/a?X-Amz-Signature=s3cret";
    logger.error({ error: new Error(signed, { cause: new Error(signed) }), url: new URL(signed) }, signed);
    expect(JSON.stringify(await records())).not.toContain("s3cret");
  });

  it("takes time in proportion to the text", () => {
    const start = performance.now();
    for (const part of ["?", "//", "//a", "bearer ", "?a&"]) redactText(part.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
