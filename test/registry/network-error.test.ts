import { expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { ProxyRefusal } from "../../job/http-client/proxy-refusal.ts";
import { networkError } from "../../job/registry/network-error.ts";
import { describeWithTool } from "../tool.ts";
import { makeCertificate } from "./certificates-fixture.ts";
import { rejection } from "./everything.ts";
import { openTestRegistry } from "./open-test-registry.ts";
import { serve, serveProxy, testNetwork } from "./sockets.ts";

const context = {
  kind: "manifest-read",
  method: "GET",
  url: new URL("https://r.example/v2/app/manifests/v1?X-Amz-Signature=secret"),
  doing: "pull manifest v1",
  host: "r.example",
  repository: "app",
} as const;

const failing = (code: string, message = code) => Object.assign(new Error(message), { code });

it.each([
  ["ECONNRESET", "Network", true],
  ["ECONNREFUSED", "Network", true],
  ["EPIPE", "Network", true],
  ["EAI_AGAIN", "Network", true],
  ["ENOTFOUND", "Network", false],
  ["ETIMEDOUT", "Timeout", true],
  ["CERT_HAS_EXPIRED", "Network", false],
  ["SELF_SIGNED_CERT_IN_CHAIN", "Network", false],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "Network", false],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "Network", false],
  ["EBADMSG", "InvalidResponse", true],
])("%s is %s, temporary: %s", (code, expected, temporary) => {
  const error = networkError(failing(code), context);
  expect(error).toMatchObject({ code: expected, temporary });
  expect(String(error)).toMatch(/^PromoterError: Cannot pull manifest v1 at r\.example\/app: /);
  expect(error).toMatchObject({ request: expect.not.stringContaining("secret") });
});

it("looks through what wraps the cause: one try for each address", () => {
  const wrapped = new Error("fetch failed", {
    cause: new AggregateError([failing("ECONNREFUSED"), failing("CERT_HAS_EXPIRED")]),
  });
  expect(networkError(wrapped, context)).toMatchObject({ code: "Network", temporary: false });
});

it.each([
  [407, false, "name:password@"],
  [403, false, "NO_PROXY"],
  [503, true, "NO_PROXY"],
])("a proxy's %i: temporary %s", (status, temporary, hint) => {
  const error = networkError(new Error("x", { cause: new ProxyRefusal(status) }), context);
  expect(error).toMatchObject({ code: "Network", temporary, hint: expect.stringContaining(hint) });
});

it("leaves our own errors and the caller's abort as they are", () => {
  const own = new PromoterError("RedirectRefused", "Refused");
  expect(networkError(new Error("connect", { cause: own }), context)).toBe(own);
  const abort = AbortSignal.abort().reason;
  expect(
    networkError(Object.assign(new Error("x"), { name: "AbortError", code: "ABORT_ERR" }), context),
  ).not.toBeInstanceOf(PromoterError);
  expect(networkError(abort, context)).toBe(abort);
});

it.each([
  ["https", false],
  ["http", true],
])("a proxy that asks for a password ends the request at once, over %s", async (_, plainHttp) => {
  await using proxy = await serveProxy(1, 407);
  await using network = testNetwork({ env: { HTTPS_PROXY: proxy.url.href, HTTP_PROXY: proxy.url.href } });
  await using client = openTestRegistry("registry.example", { plainHttp, network });
  const error = await rejection(client.registry.ping());
  expect(error).toMatchObject({
    code: "Network",
    temporary: false,
    hint: expect.stringContaining("HTTPS_PROXY"),
  });
  expect(proxy.seen).toHaveLength(1);
});

describeWithTool("openssl", () => {
  it("a certificate that nobody vouches for is final, and the error says where to name the authority", async () => {
    using certificate = makeCertificate("registry.test");
    await using server = await serve((_, response) => void response.end(), certificate);
    await using client = openTestRegistry(`127.0.0.1:${server.port}`, { plainHttp: false });
    const error = await rejection(client.registry.ping());
    expect(error).toMatchObject({
      code: "Network",
      temporary: false,
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
    expect(client.events).toHaveLength(1);
  });
});
