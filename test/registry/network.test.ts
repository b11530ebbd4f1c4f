import { execFile } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { beginConnections, takeEarlyConnection } from "../../job/http-client/early-connections.ts";
import type { Network } from "../../job/registry/network.ts";
import { describeWithTool } from "../tool.ts";
import { makeCertificate } from "./certificates-fixture.ts";
import { everythingOf, rejection } from "./everything.ts";
import { type Answering, lookupOf, serve, serveProxy, testNetwork } from "./sockets.ts";

const ok: Answering = (_seen, response) => response.end("ok");

async function get(network: Network, url: URL | string, sentBy?: URL): Promise<string> {
  const { origin, pathname } = new URL(url);
  const response = await network
    .clientFor(new URL(origin), sentBy)
    .send({ method: "GET", path: pathname, headers: {}, timeoutMs: 2_000 });
  return response.body.text({ limit: 1_000 });
}

describe("connections", () => {
  it("are kept between requests, up to the number allowed", async () => {
    await using server = await serve((_seen, response) => setTimeout(() => response.end("ok"), 20));
    await using network = testNetwork({ connectionsPerOrigin: 2 });
    network.allow(server.url);
    const six = Array.from({ length: 6 }, () => get(network, server.url));
    expect(await Promise.all(six)).toEqual(Array(6).fill("ok"));
    await get(network, server.url);
    expect(server.connections()).toBe(2);
  });

  it("end with the network, and fail what is under way", async () => {
    await using server = await serve(() => {});
    const network = testNetwork();
    network.allow(server.url);
    const failed = rejection(get(network, server.url));
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await network[Symbol.asyncDispose]();
    expect(await failed).toMatchObject({ code: "ECONNABORTED" });
  });
});

describe("places where a registry may not send us", () => {
  const registry = new URL("https://registry.example");

  it.each([
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "127.1",
    "127.0.0.1.",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",
    "[::]",
    "169.254.169.254",
    "169.254.170.23",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
    "[fe80::1]",
    "224.0.0.1",
  ])("are refused when written out: %s", async (host) => {
    await using network = testNetwork();
    network.allow(registry);
    const refused = expect.objectContaining({ code: "RedirectRefused", temporary: false });
    expect(() => network.clientFor(new URL(`http://${host}:1`), registry)).toThrow(refused);
    expect(() => network.clientFor(new URL(`http://${host}:1`))).toThrow(refused);
  });

  it.each([
    ["127.0.0.1"],
    ["::1"],
    ["169.254.169.254"],
    ["::ffff:169.254.169.254"],
    ["10.0.0.1", "127.0.0.1"],
  ])("are refused when a name leads there: %s %s", async (...addresses) => {
    await using server = await serve(ok);
    await using network = testNetwork({ lookup: lookupOf({ "evil.example": addresses }) });
    network.allow(registry);
    const error = await rejection(get(network, `http://evil.example:${server.port}/`, registry));
    expect(error).toMatchObject({ code: "RedirectRefused", temporary: false, hint: expect.any(String) });
    expect(server.connections()).toBe(0);
  });

  it("are refused when the system's resolver leads there", async () => {
    await using server = await serve(ok);
    await using network = testNetwork();
    const error = await rejection(get(network, `http://localhost:${server.port}/`, registry));
    expect(error).toMatchObject({ code: "RedirectRefused" });
    expect(server.connections()).toBe(0);
  });

  it("are judged anew for each connection", async () => {
    await using server = await serve(ok);
    let lookups = 0;
    await using network = testNetwork({
      lookup: (hostname, options, callback) => {
        lookups += 1;
        lookupOf(lookups === 1 ? {} : { "evil.example": ["127.0.0.1"] })(hostname, options, callback);
      },
    });
    const evil = `http://evil.example:${server.port}/`;
    expect(await rejection(get(network, evil, registry))).toMatchObject({ code: "ENOTFOUND" });
    expect(await rejection(get(network, evil, registry))).toMatchObject({ code: "RedirectRefused" });
    expect(server.connections()).toBe(0);
  });

  it("are fine when the user named them", async () => {
    await using server = await serve(ok);
    await using network = testNetwork({ lookup: lookupOf({ "named.example": ["127.0.0.1"] }) });
    const named = new URL(`http://named.example:${server.port}`);
    expect(await rejection(get(network, named, registry))).toMatchObject({ code: "RedirectRefused" });
    network.allow(named);
    network.allow(server.url);
    expect(await get(network, named, registry)).toBe("ok");
    expect(await get(network, server.url)).toBe("ok");
  });

  it("are fine on this machine for a registry on this machine, but not beyond", async () => {
    await using storage = await serve(ok);
    await using local = await serve(ok);
    await using network = testNetwork();
    network.allow(local.url);
    network.allow(registry);
    expect(await get(network, storage.url, local.url)).toBe("ok");
    expect(() => network.clientFor(storage.url, registry)).toThrow();
    expect(() => network.clientFor(storage.url, new URL("http://127.0.0.1:1"))).toThrow();
    expect(() => network.clientFor(new URL("http://169.254.169.254"), local.url)).toThrow();
  });

  it("are fine on this machine for a registry whose name was found here only", async () => {
    await using server = await serve(ok);
    const names = { "here.example": ["127.0.0.1"], "both.example": ["127.0.0.1", "192.0.2.1"] };
    await using network = testNetwork({ lookup: lookupOf(names) });
    const [here, both] = Object.keys(names).map((name) => new URL(`http://${name}:${server.port}`));
    if (here === undefined || both === undefined) throw new Error("two names");
    for (const one of [here, both]) {
      network.allow(one);
      expect(() => network.clientFor(server.url, one)).toThrow();
      await get(network, one);
    }
    expect(await get(network, server.url, here)).toBe("ok");
    expect(() => network.clientFor(server.url, both)).toThrow();
  });
});

describe("a registry whose name was once found elsewhere", () => {
  it("may not lead to this machine, wherever its name is found later", async () => {
    await using server = await serve((_seen, response) =>
      response.setHeader("connection", "close").end("ok"),
    );
    const answers = [["127.0.0.1", "192.0.2.1"], ["127.0.0.1"]];
    const found: unknown[] = [];
    await using network = testNetwork({
      // No connection is opened ahead.
      connectionsPerOrigin: 1,
      lookup: (hostname, options, callback) => {
        found.push(hostname);
        lookupOf({ [hostname]: answers[found.length - 1] ?? [] })(hostname, options, callback);
      },
    });
    const named = new URL(`http://named.example:${server.port}`);
    network.allow(named);
    for (const _answer of answers) expect(await get(network, named)).toBe("ok");
    expect(found).toHaveLength(2);
    expect(() => network.clientFor(server.url, named)).toThrow();
  });
});

describe("a connection that was begun before the program was there", () => {
  const begun = async (host: string, port: number) => {
    beginConnections([{ host, port, connections: 1 }]);
    // Until its name is looked up it is as if it were not there.
    await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it("is the first that a registry is asked by", async () => {
    await using server = await serve(ok);
    await begun("127.0.0.1", server.port);
    await using network = testNetwork({ connectionsPerOrigin: 1 });
    network.allow(server.url);
    for (const _ of [1, 2]) expect(await get(network, server.url)).toBe("ok");
    expect(server.connections()).toBe(1);
  });

  it("tells as well as any other whether a registry is on this machine", async () => {
    await using server = await serve(ok);
    await begun("localhost", server.port);
    const here = new URL(`http://localhost:${server.port}`);
    const names = { localhost: ["192.0.2.1"] };
    await using network = testNetwork({ lookup: lookupOf(names), connectTimeoutMs: 500 });
    network.allow(here);
    expect(await get(network, here)).toBe("ok");
    expect(await get(network, server.url, here)).toBe("ok");
  });

  it("is not for where a registry leads", async () => {
    await using server = await serve(ok);
    await begun("127.0.0.1", server.port);
    await using local = await serve(ok);
    await using network = testNetwork();
    network.allow(local.url);
    expect(await get(network, server.url, local.url)).toBe("ok");
    expect(server.connections()).toBe(2);
    takeEarlyConnection("127.0.0.1", server.port)?.socket.destroy();
  });

  it.each(["http", "https"])("that fails on the way is made good for, over %s", async (scheme) => {
    await using closed = await serve(ok);
    await closed[Symbol.asyncDispose]();
    const places = globalThis as { [place: symbol]: unknown };
    const doomed = { socket: connect(closed.port, "127.0.0.1"), addresses: [] };
    places[Symbol.for("argocd-image-promoter.early-connections")] = new Map([["127.0.0.1:1", [doomed]]]);
    await using network = testNetwork();
    const origin = new URL(`${scheme}://127.0.0.1:1`);
    network.allow(origin);
    // The address of the second attempt is in the error.
    expect(await rejection(get(network, origin))).toMatchObject({ code: "ECONNREFUSED", port: 1 });
  });
});

describe("plain HTTP through a proxy", () => {
  it("goes there with the proxy's password, and without a proxy where NO_PROXY says so", async () => {
    await using proxy = await serveProxy(1);
    await using server = await serve(ok);
    const env = { HTTP_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}`, NO_PROXY: "direct.example" };
    await using network = testNetwork({ env, lookup: lookupOf({ "direct.example": ["127.0.0.1"] }) });
    network.allow(new URL(`http://direct.example:${server.port}`));
    expect(await get(network, "http://far.example/v2/")).toBe("forwarded");
    expect(await get(network, `http://direct.example:${server.port}/`)).toBe("ok");
    expect(proxy.seen).toHaveLength(1);
    expect(proxy.seen[0]).toMatchObject({ path: "http://far.example/v2/", headers: { host: "far.example" } });
    expect(proxy.seen[0]?.headers["proxy-authorization"]).toBe(`Basic ${btoa("user:p@ss")}`);
  });

  it("judges addresses that are written out", async () => {
    await using proxy = await serveProxy(1);
    await using network = testNetwork({ env: { HTTP_PROXY: proxy.url.href } });
    expect(() => network.clientFor(new URL("http://169.254.169.254"))).toThrow();
    expect(() => network.clientFor(new URL("http://[::ffff:169.254.169.254]"))).toThrow();
    expect(proxy.connections()).toBe(0);
  });
});

describeWithTool("openssl", () => {
  it("trusts the authorities of NODE_EXTRA_CA_CERTS, and no others", async () => {
    using certificate = makeCertificate("registry.example");
    await using server = await serve(ok, certificate);
    const named = new URL(`https://registry.example:${server.port}`);
    const lookup = lookupOf({ "registry.example": ["127.0.0.1"], "other.example": ["127.0.0.1"] });
    await using trusting = testNetwork({ env: { NODE_EXTRA_CA_CERTS: certificate.file }, lookup });
    await using other = testNetwork({ lookup });
    for (const network of [trusting, other]) network.allow(named);
    expect(await get(trusting, named)).toBe("ok");
    expect(await rejection(get(other, named))).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    const wrongName = new URL(`https://other.example:${server.port}`);
    trusting.allow(wrongName);
    expect(await rejection(get(trusting, wrongName))).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("goes through a proxy's tunnel, many requests in few tunnels", async () => {
    using certificate = makeCertificate("registry.example");
    await using server = await serve(ok, certificate);
    await using proxy = await serveProxy(server.port);
    const env = {
      HTTPS_PROXY: `http://user:pass@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: certificate.file,
    };
    await using network = testNetwork({ env, connectionsPerOrigin: 2 });
    const six = Array.from({ length: 6 }, () => get(network, "https://registry.example/v2/"));
    expect(await Promise.all(six)).toEqual(Array(6).fill("ok"));
    expect(new Set(proxy.tunnels)).toEqual(new Set(["registry.example:443"]));
    expect(proxy.tunnels.length).toBeLessThanOrEqual(2);
    expect(proxy.seen[0]?.headers["proxy-authorization"]).toBe(`Basic ${btoa("user:pass")}`);
    expect(server.seen.map(({ headers }) => headers["proxy-authorization"])).toEqual(
      Array(6).fill(undefined),
    );
    expect(server.seen[0]?.headers.host).toBe("registry.example");
  });

  it("trusts the usual authorities as well, and leaves to Node what Node has read", async () => {
    using one = makeCertificate("one.example");
    using two = makeCertificate("two.example");
    await using first = await serve(ok, one);
    await using second = await serve(ok, two);
    const folder = join(import.meta.dirname, "../../job/registry");
    const program = `
      import { openNetwork } from ${JSON.stringify(join(folder, "network.ts"))};
      import { trustedContext } from ${JSON.stringify(join(folder, "certificates.ts"))};
      await using network = openNetwork({ env: { NODE_EXTRA_CA_CERTS: ${JSON.stringify(two.file)} }, connectionsPerOrigin: 1,
        connectTimeoutMs: 2000 });
      for (const url of ${JSON.stringify([first.url, second.url])}) {
        network.allow(new URL(url));
        const request = { method: "GET", path: "/", headers: {}, timeoutMs: 2000 };
        const { body } = await network.clientFor(new URL(url)).send(request);
        console.log(await body.text({ limit: 100 }));
      }
      console.log(trustedContext(process.env));`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: one.file };
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { env });
    expect((await run).stdout).toBe("ok\nok\nundefined\n");
  });

  it("does not wait for ever for a proxy", async () => {
    await using proxy = await serveProxy(1, "never");
    await using network = testNetwork({ env: { HTTPS_PROXY: proxy.url.href }, connectTimeoutMs: 200 });
    const before = performance.now();
    expect(await rejection(get(network, "https://registry.example/v2/"))).toMatchObject({
      code: "ETIMEDOUT",
    });
    expect(proxy.connections()).toBe(1);
    expect(performance.now() - before).toBeLessThan(1900);
  });

  it("says when the proxy refuses, without the proxy's password", async () => {
    await using proxy = await serveProxy(1, 407);
    const env = { HTTPS_PROXY: `http://user:c4n4ry@127.0.0.1:${proxy.port}` };
    await using network = testNetwork({ env });
    const error = await rejection(get(network, "https://registry.example/v2/"));
    expect(error).toMatchObject({ message: expect.stringContaining("407") });
    expect(everythingOf(error)).not.toContain("c4n4ry");
  });
});

describe("NODE_EXTRA_CA_CERTS", () => {
  it.each(["/nowhere/ca.pem", import.meta.filename])("has to name certificates: %s", (path) => {
    const open = () => testNetwork({ env: { NODE_EXTRA_CA_CERTS: path } });
    expect(open).toThrow(expect.objectContaining({ code: "InvalidConfiguration", hint: expect.any(String) }));
  });
});
