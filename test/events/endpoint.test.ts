import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { type EndpointOptions, eventEndpoint } from "../../job/events/endpoint.ts";
import { type EventReport, eventReport } from "../../job/events/event-report.ts";
import { listen } from "../../job/http-server/listener.ts";

const secret = "correct horse battery staple";
const done = eventReport({ event: "e", outcome: "promoted" });
const failed = (code: "Network" | "Denied" | "InvalidInput", temporary: boolean) =>
  eventReport({ outcome: "failed", error: { code, message: "It is so", temporary } });

async function endpoint(options: Partial<EndpointOptions> = {}) {
  const handled: string[] = [];
  const readiness = { ready: true };
  const listener = await listen(
    { host: "127.0.0.1", port: 0 },
    eventEndpoint({
      authorization: { header: "x-api-key", secret },
      most: 10,
      readiness,
      async handle(text) {
        handled.push(text);
        return [done];
      },
      ...options,
    }),
  );
  const url = `http://127.0.0.1:${listener.port}`;
  return {
    url,
    handled,
    readiness,
    post: (body: string, init: RequestInit = {}) =>
      fetch(`${url}/events`, { method: "POST", body, headers: { "X-Api-Key": secret }, ...init }),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

describe("an event that is posted", () => {
  it("is answered after its promotion, with the report", async () => {
    await using world = await endpoint();
    const response = await world.post('{"id":"e"}');
    expect([response.status, await response.json()]).toEqual([200, done]);
    expect(world.handled).toEqual(['{"id":"e"}']);
  });

  it.each<[string, EventReport, number]>([
    ["done", done, 200],
    ["ignored", eventReport({ outcome: "ignored", reason: "so" }), 200],
    ["failed, and may be repeated", failed("Network", true), 503],
    ["failed for good", failed("Denied", false), 422],
    ["no event", failed("InvalidInput", false), 400],
  ])("that is %s", async (_, report, status) => {
    await using world = await endpoint({ handle: async () => [report] });
    const response = await world.post("{}");
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "5" : null);
  });

  it("is asked for again while its promotion takes longer than EventBridge waits, and that goes on", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly EventReport[]>();
    await using world = await endpoint({ answerWithinMs: 30, handle: () => promise });
    const early = await world.post("{}");
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "5"]);
    const again = world.post("{}");
    resolve([done]);
    expect((await again).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ["no secret", {}],
    ["another secret", { "x-api-key": "guess" }],
    ["the secret elsewhere", { authorization: secret }],
  ])("is refused with %s", async (_, headers) => {
    await using world = await endpoint();
    const response = await world.post("{}", { headers });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(secret);
    expect(world.handled).toEqual([]);
  });

  it.each([
    ["announced", true],
    ["not announced", false],
  ])("is refused when it is too large, %s", async (_, announced) => {
    await using world = await endpoint();
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const body = Buffer.alloc(64 * 1024, "x");
    const sent = request(`${world.url}/events`, {
      method: "POST",
      headers: { "x-api-key": secret, ...(announced && { "content-length": String(64 * 1024 * 1024) }) },
    });
    sent.on("response", (response) => resolve(response.statusCode));
    sent.on("error", () => resolve(undefined));
    for (let n = 0; n < 20; n += 1) sent.write(body);
    expect(await promise).toBe(413);
    sent.destroy();
    expect(world.handled).toEqual([]);
  });

  it("is told to come back when too many are worked on", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly EventReport[]>();
    await using world = await endpoint({ most: 1, handle: () => promise });
    const first = world.post("{}");
    await new Promise((after) => setTimeout(after, 30));
    const second = await world.post("{}");
    expect([second.status, second.headers.get("retry-after")]).toEqual([429, "5"]);
    resolve([done]);
    expect((await first).status).toBe(200);
    expect((await world.post("{}")).status).toBe(200);
  });

  it.each([
    ["GET", "/events", 405],
    ["POST", "/", 404],
    ["POST", "/events/../healthz", 405],
    ["POST", "/healthz", 405],
  ])("%s %s is %i", async (method, path, status) => {
    await using world = await endpoint();
    const response = await fetch(`${world.url}${path}`, { method, headers: { "x-api-key": secret } });
    expect(response.status).toBe(status);
  });
});

describe("probes", () => {
  it("need no secret, and tell life from readiness", async () => {
    await using world = await endpoint();
    const ask = async (path: string) => (await fetch(`${world.url}${path}`)).status;
    expect([await ask("/healthz"), await ask("/readyz")]).toEqual([200, 200]);
    world.readiness.ready = false;
    expect([await ask("/healthz"), await ask("/readyz")]).toEqual([200, 503]);
    expect((await world.post("{}")).status).toBe(503);
  });
});

describe("the end", () => {
  it("waits for the answers that are due, not for connections that are kept", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly EventReport[]>();
    const world = await endpoint({ handle: () => promise });
    await (await fetch(`${world.url}/healthz`)).text();
    const asked = world.post("{}");
    await new Promise((after) => setTimeout(after, 30));
    const startedAt = performance.now();
    const closed = world[Symbol.asyncDispose]();
    resolve([done]);
    expect((await (await asked).json()) as object).toEqual(done);
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it("says which port cannot be had", async () => {
    await using world = await endpoint();
    const port = Number(new URL(world.url).port);
    await expect(listen({ host: "127.0.0.1", port }, () => {})).rejects.toMatchObject({
      code: "Usage",
      message: `Cannot listen on port ${port}: EADDRINUSE`,
    });
  });
});
