import { describe, expect, it } from "vitest";
import { fetchBearerToken, type TokenRequest } from "../../job/registry/bearer-token.ts";
import { everythingOf, rejection } from "./everything.ts";
import { type Answering, serve, testNetwork } from "./sockets.ts";

const secret = "c4n4ry";

/** What becomes of asking a service that answers like this. */
async function ask(answering: Answering, more: Partial<TokenRequest> = {}): Promise<unknown> {
  await using server = await serve(answering);
  await using network = testNetwork();
  network.allow(server.url);
  const realm = new URL(`/token?key=${secret}`, server.url);
  const work = fetchBearerToken({
    host: "registry.example",
    origin: server.url,
    tokenService: { realm, service: undefined },
    scopes: ["repository:a:pull"],
    credentials: { kind: "basic", username: "me", password: secret },
    network,
    ...more,
  });
  const outcome = await work.catch((error: unknown) => error);
  if (outcome instanceof Error) expect(everythingOf(outcome)).not.toContain(secret);
  return outcome;
}

function answer(status: number, body: string | object): Answering {
  return (_seen, response) => {
    response.statusCode = status;
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

describe("fetchBearerToken", () => {
  it.each<[string, object, string]>([
    ["token", { token: "a" }, "a"],
    ["access_token", { access_token: "b" }, "b"],
    ["token rather than access_token", { token: "a", access_token: "b" }, "a"],
    ["access_token when token is empty", { token: "", access_token: "b" }, "b"],
  ])("takes %s", async (_name, body, token) => {
    expect(await ask(answer(200, body))).toEqual({ token, lifetimeMs: 60_000 });
  });

  it.each<[string, Answering, object]>([
    ["401", answer(401, { details: secret }), { code: "Unauthorized", status: 401, temporary: false }],
    ["403", answer(403, secret), { code: "Unauthorized", status: 403, temporary: false }],
    ["429", answer(429, secret), { code: "TooManyRequests", status: 429, temporary: true }],
    ["503", answer(503, secret), { code: "Unavailable", status: 503, temporary: true }],
    ["404", answer(404, secret), { code: "InvalidResponse", status: 404, temporary: false }],
    ["a redirect", answer(302, secret), { code: "InvalidResponse", status: 302 }],
    ["no JSON", answer(200, `{"token":"${secret}`), { code: "InvalidResponse" }],
    ["an empty body", answer(200, ""), { code: "InvalidResponse" }],
    ["no object", answer(200, "null"), { code: "InvalidResponse" }],
    ["a list", answer(200, [secret]), { code: "InvalidResponse" }],
    ["no token", answer(200, { secret }), { code: "InvalidResponse" }],
    ["a token that is no text", answer(200, { token: { secret } }), { code: "InvalidResponse" }],
    ["a token with a line break", answer(200, { token: `${secret}\r\nx: y` }), { code: "InvalidResponse" }],
    ["a token with a blank", answer(200, { token: `${secret} x` }), { code: "InvalidResponse" }],
    ["a token beyond ASCII", answer(200, { token: `${secret}é` }), { code: "InvalidResponse" }],
    ["too much", answer(200, { token: "x".repeat(128 * 1024) }), { code: "InvalidResponse" }],
    [
      "a broken connection",
      (_seen, response) => void response.destroy(),
      { code: "Network", temporary: true },
    ],
  ])("explains %s", async (_name, answering, expected) => {
    expect(await ask(answering)).toMatchObject({ ...expected, hint: expect.any(String) });
  });

  it("reads no more than it needs of an answer without end", async () => {
    let sent = 0;
    const endless: Answering = (_seen, response) => {
      const piece = Buffer.alloc(64 * 1024, "x");
      const more = () => {
        while (!response.destroyed && sent < 1e9 && response.write(piece)) sent += piece.length;
      };
      response.on("drain", more).on("error", () => {});
      more();
    };
    expect(await ask(endless)).toMatchObject({ code: "InvalidResponse" });
    expect(sent).toBeLessThan(20e6);
  });

  it("does not wait for a service that drips its answer", async () => {
    const drip: Answering = (_seen, response) => {
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    };
    expect(await ask(drip, { timeoutMs: 100 })).toMatchObject({ code: "Timeout", temporary: true });
  });

  it("ends with the reason of whoever aborts it", async () => {
    const signal = AbortSignal.timeout(50);
    expect(await ask(() => {}, { signal })).toBe(signal.reason);
  });

  it("says when nobody listens", async () => {
    await using network = testNetwork();
    const gone = await serve(() => {});
    await gone[Symbol.asyncDispose]();
    network.allow(gone.url);
    const error = await rejection(
      fetchBearerToken({
        host: "registry.example",
        origin: gone.url,
        tokenService: { realm: gone.url, service: "s" },
        scopes: [],
        credentials: undefined,
        network,
      }),
    );
    expect(error).toMatchObject({ code: "Network", temporary: true });
  });
});
