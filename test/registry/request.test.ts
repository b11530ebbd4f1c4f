import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { ecrPacers } from "../../job/ecr/pacer.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { RegistryOptions } from "../../job/registry/registry.ts";
import { ecrHost } from "../ecr/fake-clients.ts";
import { everythingOf, rejection } from "./everything.ts";
import { manifestOf, openTestRegistry, preemptive } from "./open-test-registry.ts";
import { registryErrors, type Step, scripted } from "./scripted-registry.ts";
import { serve, testNetwork } from "./sockets.ts";

const path = "/v2/team/app/manifests/v1";
const get = (reply: Step["reply"]): Step => ({ method: "GET", path, reply });
const notFound = get({ status: 404 });

async function fetching(steps: readonly Step[], options: Partial<RegistryOptions> = {}) {
  await using server = await scripted(steps);
  await using client = openTestRegistry(server.host, options);
  const result = await client.registry
    .repository("team/app")
    .fetchManifest("v1")
    .catch((error: unknown) => error);
  expect(server.problems()).toEqual([]);
  return { result, events: client.events, warnings: client.warnings, received: server.received };
}

describe("repeating", () => {
  it.each([408, 429, 500, 502, 503, 504])("%i", async (status) => {
    expect((await fetching([get({ status }), get({ status }), notFound])).result).toBeUndefined();
  });

  it.each([400, 401, 403, 405, 409, 418, 501])("not %i", async (status) => {
    expect((await fetching([get({ status })])).result).toMatchObject({ status, temporary: false });
  });

  it("ends after the last attempt", async () => {
    const { result, events } = await fetching(Array.from({ length: 4 }, () => get({ status: 503 })));
    expect(result).toMatchObject({ code: "Unavailable", temporary: true, status: 503 });
    expect(events).toHaveLength(4);
  });

  it("a connection that was closed without an answer", async () => {
    const closing = get((_, response) => {
      response.destroy();
      return undefined;
    });
    const { result, events } = await fetching([closing, closing, notFound]);
    expect(result).toBeUndefined();
    expect(events.map(({ status }) => status)).toEqual([0, 0, 404]);
  });

  it("an answer that does not come", async () => {
    const silent = get(() => undefined);
    const { result } = await fetching([silent, notFound], { progressTimeoutMs: 1100 });
    expect(result).toBeUndefined();
  });
});

describe("an answer that drips", () => {
  const drip = get((_, response) => {
    response.writeHead(200, { "content-type": mediaTypes.ociManifest });
    const timer = setInterval(() => response.write(" "), 100);
    response.on("close", () => clearInterval(timer));
    return undefined;
  });

  it("is given up and asked for again", async () => {
    const { result } = await fetching([drip, notFound], { progressTimeoutMs: 500 });
    expect(result).toBeUndefined();
  });

  it("is an error in the end", async () => {
    const { result } = await fetching([drip], { progressTimeoutMs: 300, retry: { attempts: 1 } });
    expect(result).toMatchObject({ code: "Timeout", temporary: true });
  });

  it("does not hold up an error, either", async () => {
    const failing = get((_, response) => {
      response.writeHead(400, { "content-type": "text/plain" });
      const timer = setInterval(() => response.write("x"), 100);
      response.on("close", () => clearInterval(timer));
      return undefined;
    });
    const { result } = await fetching([failing], { progressTimeoutMs: 500 });
    expect(result).toMatchObject({ status: 400 });
  });
});

describe("Retry-After", () => {
  it("is the least that is waited, by all requests to that host", async () => {
    const wait: Step = {
      method: "GET",
      path: /./,
      reply: {
        status: 429,
        headers: { "retry-after": "1" },
        body: registryErrors("TOOMANYREQUESTS", "Rate exceeded"),
      },
    };
    const slept: number[] = [];
    let now = 0;
    const clock = {
      ...systemClock,
      now: () => now,
      async sleep(ms: number) {
        slept.push(ms);
        now += ms;
      },
    };
    await using server = await scripted([wait, { ...notFound, path: /./ }, { ...notFound, path: /./ }]);
    await using client = openTestRegistry(server.host, { clock });
    const repository = client.registry.repository("team/app");
    expect(await repository.fetchManifest("v1")).toBeUndefined();
    expect(slept[0]).toBeGreaterThanOrEqual(1000);
    expect(await repository.fetchManifest("v2")).toBeUndefined();
  });

  it("holds others back while one waits", async () => {
    const wait = get({ status: 503, headers: { "retry-after": "1" } });
    const other: Step = {
      method: "GET",
      path: "/v2/team/app/manifests/v2",
      reply: { status: 404 },
      optional: true,
    };
    await using server = await scripted([wait, notFound, other]);
    await using client = openTestRegistry(server.host);
    const repository = client.registry.repository("team/app");
    const begun = performance.now();
    const first = repository.fetchManifest("v1");
    while (client.events.length === 0) await delay(5);
    await repository.fetchManifest("v2");
    expect(performance.now() - begun).toBeGreaterThan(900);
    await first;
    expect(server.problems()).toEqual([]);
  });
});

describe("the pacer", () => {
  it("is asked before each request, and told of each 429", async () => {
    const admitted: string[] = [];
    const throttled: unknown[] = [];
    const pacer = {
      admit: async (kind: string) => void admitted.push(kind),
      throttled: (kind: string, ms?: number) => void throttled.push([kind, ms]),
    };
    const steps = [
      get({ status: 429, headers: { "retry-after": "0" } }),
      get({ status: 429 }),
      get({ status: 503 }),
      notFound,
    ];
    await fetching(steps, { pacer });
    expect(admitted).toEqual(Array.from({ length: 4 }, () => "manifest-read"));
    expect(throttled).toEqual([
      ["manifest-read", 0],
      ["manifest-read", undefined],
    ]);
  });
});

describe("a registry that throttles one kind of request", () => {
  const throttled = { status: 429, headers: { "retry-after": "1" } };
  const manifest = manifestOf({ schemaVersion: 2, mediaType: mediaTypes.ociManifest });
  const put: Step = { method: "PUT", path: "/v2/team/app/manifests/v1", reply: throttled };
  const read: Step = {
    method: "GET",
    path: "/v2/team/app/manifests/v2",
    reply: { status: 404 },
    optional: true,
  };

  it("is read on when it counts kinds apart, as ECR does", async () => {
    await using server = await scripted([put, { ...put, reply: { status: 201 } }, read]);
    const pacer = ecrPacers({ clock: systemClock }).forHost(ecrHost());
    await using client = openTestRegistry(server.host, { pacer });
    const repository = client.registry.repository("team/app");
    const begun = performance.now();
    const pushed = repository.pushManifest(manifest, "v1");
    while (client.events.length === 0) await delay(5);
    expect(await repository.fetchManifest("v2")).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(900);
    await pushed;
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(server.problems()).toEqual([]);
  });

  it("is left alone altogether when nobody knows how it counts", async () => {
    await using server = await scripted([put, { ...put, reply: { status: 201 } }, read]);
    await using client = openTestRegistry(server.host);
    const repository = client.registry.repository("team/app");
    const begun = performance.now();
    const pushed = repository.pushManifest(manifest, "v1");
    while (client.events.length === 0) await delay(5);
    await repository.fetchManifest("v2");
    expect(performance.now() - begun).toBeGreaterThan(900);
    await pushed;
  });

  it("is waited for aside, whichever of its reasons it gives", async () => {
    const waits: number[] = [];
    const aside = async <T>(wait: () => Promise<T>) => {
      const begun = performance.now();
      const waited = await wait();
      waits.push(performance.now() - begun);
      return waited;
    };
    const steps = [get(throttled), get({ status: 503, headers: { "retry-after": "1" } }), notFound];
    await using server = await scripted(steps);
    await using client = openTestRegistry(server.host);
    const begun = performance.now();
    await client.registry.repository("team/app").fetchManifest("v1", { aside });
    const aloneMs = waits.reduce((sum, ms) => sum + ms, 0);
    expect(aloneMs).toBeGreaterThan(1_900);
    expect(performance.now() - begun - aloneMs).toBeLessThan(900);
  });
});

describe("an expired token", () => {
  const expired = {
    status: 403,
    body: registryErrors("DENIED", "Your authorization token has expired. Reauthenticate and try again."),
  };

  it("is renewed once, and the request sent again", async () => {
    const { result, received } = await fetching([get(expired), notFound], {
      credentials: preemptive("old", "new"),
    });
    expect(result).toBeUndefined();
    expect(received[1]?.headers.authorization).not.toBe(received[0]?.headers.authorization);
  });

  it("is an error when the renewed one is refused as well", async () => {
    const { result } = await fetching([get(expired), get(expired)], {
      credentials: preemptive("secret-a", "secret-b"),
    });
    expect(result).toMatchObject({ code: "TokenExpired", temporary: false });
    expect(everythingOf(result)).not.toContain("secret-a");
    expect(everythingOf(result)).not.toContain(Buffer.from("AWS:secret-b").toString("base64"));
  });

  it("is asked for once by many at the same time", async () => {
    const old = `Basic ${btoa("AWS:old")}`;
    await using server = await serve(({ headers }, response) => {
      if (headers.authorization !== old) response.writeHead(404).end();
      else response.writeHead(expired.status).end(JSON.stringify(expired.body));
    });
    let renewals = 0;
    const tokens = preemptive("old", "new");
    await using client = openTestRegistry(server.url.host, {
      credentials: {
        ...tokens,
        credentialsFor: async (host, request) => {
          if (request?.refused !== undefined) renewals += 1;
          return tokens.credentialsFor(host, request);
        },
      },
    });
    const repository = client.registry.repository("team/app");
    const found = await Promise.all(["a", "b", "c"].map((tag) => repository.fetchManifest(tag)));
    expect(found).toEqual([undefined, undefined, undefined]);
    expect(renewals).toBe(1);
  });
});

describe("redirects", () => {
  it("are followed five times at most", async () => {
    const hop = (n: number): Step => ({
      method: "GET",
      path: n === 0 ? path : `/hop/${n}`,
      reply: { status: 302, headers: { location: `/hop/${n + 1}` } },
    });
    const { result } = await fetching([0, 1, 2, 3, 4, 5].map(hop));
    expect(result).toMatchObject({ code: "RedirectRefused", temporary: false });
  });

  it("are not followed with what is sent", async () => {
    await using server = await scripted([
      {
        method: "POST",
        path: "/v2/team/app/blobs/uploads/",
        reply: { status: 307, headers: { location: "/x" } },
      },
    ]);
    await using client = openTestRegistry(server.host);
    const blob = { mediaType: "x", digest: `sha256:${"0".repeat(64)}`, size: 1 } as const;
    const push = client.registry.repository("team/app").pushBlob(blob, async () => (async function* () {})());
    expect(await rejection(push)).toMatchObject({ code: "InvalidResponse", status: 307 });
    expect(server.problems()).toEqual([]);
  });
});

describe("the user agent", () => {
  it.each([
    ["argocd-image-promoter/9.8.7", { userAgent: "argocd-image-promoter/9.8.7" }],
    ["argocd-image-promoter", {}],
  ])("is %s, to the registry and to its token service", async (expected, options) => {
    const realm: Step = {
      method: "GET",
      path: "/token?scope=repository%3Ateam%2Fapp%3Apull",
      reply: { status: 200, body: { token: "t" } },
    };
    const challenge = get(({ headers: { host } }) => ({
      status: 401,
      headers: { "www-authenticate": `Bearer realm="http://${host}/token"` },
    }));
    await using network = testNetwork(options);
    const { received } = await fetching([challenge, realm, notFound], { network });
    expect(received.map(({ headers }) => headers["user-agent"])).toEqual([expected, expected, expected]);
  });
});

describe("warnings", () => {
  it("reach the log once each, made printable", async () => {
    const headers = { warning: ['299 - "moving soon"', '299 - "\u0085bell", 299 - "moving soon"'] };
    await using server = await scripted([
      { ...notFound, reply: { status: 404, headers } },
      { ...notFound, reply: { status: 404, headers } },
    ]);
    await using client = openTestRegistry(server.host);
    const repository = client.registry.repository("team/app");
    await repository.fetchManifest("v1");
    await repository.fetchManifest("v1");
    expect(client.warnings).toEqual([
      "The registry warns: moving soon",
      expect.stringMatching(/^The registry warns: .*\\u\{.*bell$/),
    ]);
  });
});

describe("what is no registry", () => {
  async function errorAt(host: string, options: Partial<RegistryOptions> = {}) {
    await using client = openTestRegistry(host, { retry: { attempts: 1 }, ...options });
    return rejection(client.registry.ping());
  }

  it("a port where nobody listens: may be there later", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const error = await errorAt(`127.0.0.1:${port}`);
    expect(error).toMatchObject({
      code: "Network",
      temporary: true,
      request: `GET http://127.0.0.1:${port}/v2/`,
    });
    expect(String(error)).toContain("ECONNREFUSED");
  });

  it("plain HTTP where TLS was expected: says how to allow it", async () => {
    await using server = await scripted([]);
    const error = await errorAt(server.host, { plainHttp: false });
    expect(error).toMatchObject({
      code: "Network",
      temporary: false,
      hint: expect.stringContaining("--insecure-registry"),
    });
  });

  it("something else than HTTP", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined).resume();
      socket.end("SSH-2.0-OpenSSH_9.6\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const error = await errorAt(`127.0.0.1:${port}`);
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject({ code: "InvalidResponse", temporary: true });
  });

  it("a repository name that would lead elsewhere", () => {
    const client = openTestRegistry("127.0.0.1:1");
    for (const name of ["../catalog", "a//b", "A", "a?b", ""]) {
      expect(() => client.registry.repository(name)).toThrow(
        expect.objectContaining({ code: "InvalidReference" }),
      );
    }
    expect(client.registry.repository("a/b")).toBe(client.registry.repository("a/b"));
  });
});
