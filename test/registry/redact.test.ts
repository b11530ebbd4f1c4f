import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, printableSpeech, redactUrl, withoutCredentials } from "../../job/registry/redact.ts";

describe("redactUrl", () => {
  it.each([
    ["https://registry.example/v2/a/manifests/b", "https://registry.example/v2/a/manifests/b"],
    ["https://name:secret@registry.example:8443/v2/", "https://registry.example:8443/v2/"],
    [
      "https://r.example/v2/a/blobs/uploads/?mount=sha256:ab&from=c/d",
      "https://r.example/v2/a/blobs/uploads/?mount=sha256:ab&from=c/d",
    ],
    [
      "https://auth.example/token?service=r&scope=repository:a:pull&account=me",
      "https://auth.example/token?service=r&scope=repository:a:pull&account=me",
    ],
    [
      "https://s3.example/x?X-Amz-Signature=secret&X-Amz-Expires=60",
      "https://s3.example/x?X-Amz-Signature=REDACTED&X-Amz-Expires=REDACTED",
    ],
    ["https://s3.example/x?secret#secret", "https://s3.example/x?REDACTED"],
    ["https://s3.example/x?secret=", "https://s3.example/x?REDACTED"],
    [
      "https://s3.example/x?digest=a&digest=b&Digest=secret",
      "https://s3.example/x?digest=a&digest=b&Digest=REDACTED",
    ],
    ["https://s3.example/x?tag=%1b%5b2J%0a", "https://s3.example/x?tag=\\u{1b}[2J\\u{a}"],
    ["not an address: secret", "(unreadable address)"],
  ])("writes %s as %s", (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
    if (URL.canParse(url)) expect(redactUrl(new URL(url))).toBe(expected);
  });

  it("keeps no secret of any query", () => {
    const secret = "c4n4ry";
    const key = fc
      .stringMatching(/^[A-Za-z-]{1,10}$/)
      .filter((name) => !/^(account|artifactType|digest|from|last|mount|n|scope|service|tag)$/.test(name));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.string())), (pairs) => {
        const query = new URLSearchParams(
          pairs.map(([name, value]): [string, string] => [name, `${value}${secret}`]),
        );
        expect(redactUrl(`https://u:${secret}@host.example/p?${query}#${secret}`)).not.toContain(secret);
      }),
    );
  });
});

describe("printable", () => {
  it.each([
    ["plain, även på svenska 😀", 100, "plain, även på svenska 😀"],
    ["\u001b[31mred\u0007", 100, "\\u{1b}[31mred\\u{7}"],
    ["one\r\ntwo\u2028three\u0085", 100, "one\\u{d}\\u{a}two\\u{2028}three\\u{85}"],
    ["abc\u202egnp.exe\u2066\u200b", 100, "abc\\u{202e}gnp.exe\\u{2066}\\u{200b}"],
    ["half \ud83d of one", 100, "half \\u{d83d} of one"],
    ["12345", 5, "12345"],
    ["123456", 5, "1234…"],
    ["123😀", 4, "123…"],
    ["12😀4", 4, "12…"],
    ["\n\n\n", 8, "\\u{a}\\u…"],
    ["", 0, ""],
  ])("writes %j within %d as %j", (text, max, expected) => {
    expect(printable(text, max)).toBe(expected);
  });

  it("is never longer than allowed and shows nothing that does not show", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 60 }), (text, max) => {
        const printed = printable(text, max);
        expect(printed.length).toBeLessThanOrEqual(max);
        expect(printed).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  it("looks at no more of a long text than it prints", () => {
    const before = performance.now();
    expect(printable("\u001b".repeat(50_000_000), 20)).toHaveLength(20);
    expect(performance.now() - before).toBeLessThan(500);
  });
});

describe("printableSpeech", () => {
  it.each([
    [
      "GET https://b.s3.example/layer?X-Amz-Signature=c4n4ry&X-Amz-Date=1 failed",
      "GET https://b.s3.example/layer?X-Amz-Signature=REDACTED&X-Amz-Date=REDACTED failed",
    ],
    ['<a href="http://me:c4n4ry@r.example/">', '<a href="http://r.example/">'],
    ["no route to /layer?X-Amz-Signature=c4n4ry", "no route to /layer?REDACTED"],
    ["is it there? yes = no\u001b", "is it there? yes = no\\u{1b}"],
  ])("of %j is %j", (said, expected) => {
    expect(printableSpeech(said, 200)).toBe(expected);
  });

  it("redacts an address that does not fit, too", () => {
    const address = `https://b.s3.example/?X-Amz-Signature=${"c4n4ry".repeat(1_000)}`;
    expect(printableSpeech(`${"x".repeat(50)} ${address}`, 120)).not.toContain("c4n4ry");
  });
});

describe("withoutCredentials", () => {
  const basic = `Basic ${Buffer.from("AWS:open:sesame").toString("base64")}`;

  it.each([
    ["the header", `bad header ${basic}`, basic, "bad header Basic REDACTED"],
    ["the pair", "no user AWS:open:sesame here", basic, "no user REDACTED here"],
    ["the password", "wrong open:sesame, open:sesame", basic, "wrong REDACTED, REDACTED"],
    ["a bearer token", "token a.b.c-d_e is stale", "Bearer a.b.c-d_e", "token REDACTED is stale"],
    ["nothing where nothing was sent", "bad header", undefined, "bad header"],
    ["no password that is a common word", "denied to me", `Basic ${btoa("me:to")}`, "denied to me"],
    [
      "what JSON has escaped",
      `{"message":"no ${JSON.stringify('a"b\\c/d').slice(1, -1)}"}`,
      `Basic ${btoa('me:a"b\\c/d')}`,
      '{"message":"no REDACTED"}',
    ],
    ["slashes that JSON has escaped", "no a\\/b+c\\u002Fd here", "Bearer a/b+c/d", "no REDACTED here"],
    [
      "what an address has escaped",
      "no ?auth=a%2Fb%2bc%2Fd here",
      "Bearer a/b+c/d",
      "no ?auth=REDACTED here",
    ],
    ["nothing of an empty header", "denied", "Basic ", "denied"],
  ])("leaves out %s", (_what, text, authorization, expected) => {
    expect(withoutCredentials(text, authorization)).toBe(expected);
  });
});
