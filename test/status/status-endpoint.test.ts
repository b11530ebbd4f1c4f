import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { listen } from "../../job/http-server/listener.ts";
import { plainEndpoint } from "../../job/http-server/plain-endpoint.ts";
import type { EnvironmentStatus } from "../../job/status/environment-status.ts";
import { statusEndpoint } from "../../job/status/status-endpoint.ts";
import { describeWithTool, requireTool } from "../tool.ts";
import { exampleStatus } from "./example-status.ts";

/** A server whose page is told what to show, and when. */
async function served() {
  const asked: PromiseWithResolvers<EnvironmentStatus>[] = [];
  const warnings: string[] = [];
  const time = { now: 0 };
  const page = statusEndpoint({
    read() {
      const reading = Promise.withResolvers<EnvironmentStatus>();
      asked.push(reading);
      return reading.promise;
    },
    clock: { now: () => time.now },
    log: { warn: (_fields, message) => warnings.push(message) },
    signal: new AbortController().signal,
    maxAgeMs: 60_000,
  });
  const metrics = { type: "text/plain", text: () => "" };
  const server = await listen(
    { host: "127.0.0.1", port: 0 },
    plainEndpoint({ readiness: { ready: true }, metrics, pages: [page] }),
  );
  const get = (path = "/", init: RequestInit = {}) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
  /** Asks until it was found out what there is to see. */
  const shown = async (path?: string) => {
    for (;;) {
      const response = await get(path);
      if (response.status === 200) return response;
      await response.text();
    }
  };
  const url = `http://127.0.0.1:${server.port}/`;
  return {
    url,
    asked,
    warnings,
    time,
    get,
    shown,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("the page that is served", () => {
  it("keeps nobody waiting: it says that it comes, then shows what was found out last", async () => {
    await using world = await served();
    const { asked, time, get, shown } = world;
    const first = await get();
    expect(first.status).toBe(503);
    expect(first.headers.get("retry-after")).toBe("3");
    expect(await first.text()).toContain('http-equiv="refresh"');
    expect((await get()).status).toBe(503);
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(exampleStatus(2));
    expect(await (await shown()).text()).toContain("2 modules");
    time.now += 59_999;
    await get();
    expect(asked).toHaveLength(1);
    time.now += 1;
    for (let times = 0; times < 5; times++) expect(await (await get()).text()).toContain("2 modules");
    expect(asked).toHaveLength(2);
    asked[1]?.resolve(exampleStatus(3));
    await expect.poll(async () => (await get()).text()).toContain("3 modules");
  });

  it("shows on what it knew when it cannot be found out anew, and does not ask for each who looks", async () => {
    await using world = await served();
    const { asked, time, get, shown, warnings } = world;
    await get();
    asked[0]?.resolve(exampleStatus(2));
    await shown();
    time.now += 60_000;
    await get();
    asked[1]?.reject(new PromoterError("Denied", "Cannot list"));
    await expect.poll(() => warnings).toEqual(["Cannot tell what is where: Cannot list"]);
    expect(await (await get()).text()).toContain("2 modules");
    expect(asked).toHaveLength(2);
  });

  it("is read only, is not shown in others' frames, and is sent once while it is the same", async () => {
    await using world = await served();
    const { asked, get, shown } = world;
    await get();
    asked[0]?.resolve(exampleStatus(200));
    const page = await shown();
    expect(Object.fromEntries(page.headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-encoding": "gzip",
      "content-security-policy": "frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
    });
    const size = Number(page.headers.get("content-length"));
    const plain = await get("/", { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(await plain.text()).toBe(await page.text());
    expect(size * 5).toBeLessThan(Number(plain.headers.get("content-length")));
    const again = await get("/", { headers: { "if-none-match": page.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
    const head = await get("/", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const method of ["POST", "PUT", "DELETE"]) {
      const refused = await get("/", { method });
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
  });

  it("gives the document to programs, and leaves other paths to others", async () => {
    await using world = await served();
    const { asked, get, shown } = world;
    await get();
    asked[0]?.resolve(exampleStatus(2));
    expect(await (await shown("/status.json?all")).json()).toEqual(exampleStatus(2));
    expect((await get("/status")).status).toBe(404);
    expect((await get("/healthz")).status).toBe(200);
  });
});

describeWithTool("chromium", () => {
  it("comes by itself in a browser that was told to wait", async () => {
    await using world = await served();
    const browser = await chromium.launch({
      executablePath: requireTool("chromium"),
      chromiumSandbox: false,
    });
    try {
      const page = await browser.newPage();
      await page.goto(world.url);
      expect(await page.textContent("body")).toContain("Registries are being asked");
      world.asked[0]?.resolve(exampleStatus(3));
      await page.getByRole("rowheader", { name: "team/module-2" }).waitFor();
      await page.getByRole("searchbox").fill("module-1");
      expect(await page.getByRole("rowheader").allTextContents()).toEqual(["team/module-1"]);
    } finally {
      await browser.close();
    }
  });
});
