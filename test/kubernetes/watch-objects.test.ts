import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../job/async/clock.ts";
import { PromoterError } from "../../job/error.ts";
import type { KubernetesApi } from "../../job/kubernetes/api.ts";
import { type WatchChange, watchObjects } from "../../job/kubernetes/watch-objects.ts";
import { type Log, silentLog } from "../../job/log.ts";
import { type FakeCluster, startCluster } from "./fake-cluster.ts";
import { forbidden } from "./fake-kubernetes.ts";

const pods = "/api/v1/namespaces/shop/pods";

/** Waits a hundredth as long. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

let cluster: FakeCluster;
let api: KubernetesApi;
let controller: AbortController;
beforeEach(async () => {
  cluster = await startCluster();
  api = cluster.open();
  controller = new AbortController();
});
afterEach(async () => {
  controller.abort();
  await api[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

function watch(options: { log?: Log; fieldSelector?: string; path?: string } = {}) {
  return watchObjects(api, {
    path: pods,
    clock: hasty,
    log: silentLog,
    signal: controller.signal,
    ...options,
  });
}

/** The next so many changes, each in a word. */
async function next(changes: AsyncGenerator<WatchChange>, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { value, done } = await changes.next();
    if (done === true) throw new Error(`The watch ended after ${seen.join(", ")}`);
    seen.push("object" in value ? `${value.type} ${value.object.metadata.name}` : value.type);
  }
  return seen;
}

let run = 0;

/** Keeps in `view` the version of each object that is there, as far as the changes tell. */
async function follow(
  view: Map<string, string | undefined>,
  changes: AsyncIterable<WatchChange>,
): Promise<void> {
  let gone = new Set<string>();
  for await (const change of changes) {
    if (change.type === "listing") gone = new Set(view.keys());
    else if (change.type === "listed") for (const name of gone) view.delete(name);
    else if (change.type === "deleted") view.delete(change.object.metadata.name);
    else {
      gone.delete(change.object.metadata.name);
      view.set(change.object.metadata.name, change.object.metadata.resourceVersion);
    }
  }
}

const watchRequests = () => cluster.requests.filter(({ path }) => path.includes("watch=1"));

describe("watchObjects", () => {
  it("tells what is there, then what changes", async () => {
    cluster.put(`${pods}/a`, {});
    cluster.put("/api/v1/namespaces/other/pods/x", {});
    const changes = watch();
    expect(await next(changes, 3)).toEqual(["listing", "put a", "listed"]);
    cluster.put(`${pods}/b`, {});
    cluster.put("/api/v1/namespaces/other/pods/y", {});
    cluster.put(`${pods}/a`, { changed: true });
    cluster.remove(`${pods}/b`);
    expect(await next(changes, 3)).toEqual(["put b", "put a", "deleted b"]);
  });

  it("lists by pages", async () => {
    for (let pod = 0; pod < 250; pod += 1) cluster.put(`${pods}/pod-${pod}`, {});
    const seen = await next(watch(), 252);
    expect(seen.at(0)).toBe("listing");
    expect(seen.at(-1)).toBe("listed");
    expect(new Set(seen).size).toBe(252);
    expect(
      cluster.requests.map(({ path }) => new URL(path, "http://x").searchParams.get("continue")),
    ).toEqual([null, "100", "200"]);
  });

  it("goes on where it was when a connection ends, and misses nothing in between", async () => {
    cluster.put(`${pods}/a`, {});
    const changes = watch();
    await next(changes, 3);
    cluster.put(`${pods}/b`, {});
    expect(await next(changes, 1)).toEqual(["put b"]);
    const onward = next(changes, 1);
    cluster.fault = () => ({ status: 503 });
    cluster.endWatches();
    cluster.put(`${pods}/c`, {});
    await expect.poll(() => watchRequests().length).toBeGreaterThan(2);
    cluster.fault = undefined;
    expect(await onward).toEqual(["put c"]);
    expect(cluster.requests.filter(({ path }) => path.includes("limit=")).length).toBe(1);
  });

  it("remembers the version of bookmarks, so that what is forgotten meanwhile does not matter", async () => {
    const changes = watch();
    await next(changes, 2);
    const onward = next(changes, 1);
    await expect.poll(() => watchRequests().length).toBe(1);
    // Objects elsewhere raise the version.
    cluster.put("/api/v1/namespaces/other/pods/x", {});
    cluster.endWatches();
    await expect.poll(() => watchRequests().length).toBe(2);
    await systemClock.sleep(20);
    cluster.compact();
    cluster.endWatches();
    await expect.poll(() => watchRequests().length).toBeGreaterThan(2);
    cluster.put(`${pods}/late`, {});
    // One listing, for the version of the last bookmark is older than the compaction.
    expect(await onward).toEqual(["listing"]);
    expect(await next(changes, 2)).toEqual(["put late", "listed"]);
  });

  it("ends up with what is there, whatever happens on the way", { timeout: 60_000 }, async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ type: fc.constant("put" as const), pod: fc.nat(5) }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant("remove" as const), pod: fc.nat(5) }) },
      fc.constantFrom<{ type: "end" | "compact" | "break" | "mend" | "pause" }>(
        ...(["end", "compact", "break", "mend", "pause"] as const).map((type) => ({ type })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        run += 1;
        const own = `/api/v1/namespaces/run-${run}/pods`;
        const stop = new AbortController();
        const view = new Map<string, string | undefined>();
        const following = follow(
          view,
          watchObjects(api, { path: own, clock: hasty, log: silentLog, signal: stop.signal }),
        );
        for (const each of steps) {
          if (each.type === "put") cluster.put(`${own}/${each.pod}`, {});
          else if (each.type === "remove") cluster.remove(`${own}/${each.pod}`);
          else if (each.type === "end") cluster.endWatches();
          else if (each.type === "compact") cluster.compact();
          else if (each.type === "pause") await systemClock.sleep(5);
          else cluster.fault = each.type === "break" ? () => ({ status: 500 }) : undefined;
        }
        cluster.fault = undefined;
        const there = () =>
          [0, 1, 2, 3, 4, 5].flatMap((pod) => {
            const version = cluster.get(`${own}/${pod}`)?.metadata.resourceVersion;
            return version === undefined ? [] : [[String(pod), version]];
          });
        await expect.poll(() => [...view].toSorted()).toEqual(there());
        stop.abort();
        await following;
      }),
      { numRuns: 15 },
    );
  });

  it("lists anew what the server has forgotten", async () => {
    cluster.put(`${pods}/a`, {});
    const changes = watch();
    await next(changes, 3);
    cluster.remove(`${pods}/a`);
    cluster.put(`${pods}/b`, {});
    cluster.compact();
    expect(await next(changes, 3)).toEqual(["listing", "put b", "listed"]);
  });

  it("asks for what it was told to select", async () => {
    cluster.put(`${pods}/a`, { status: { phase: "Succeeded" } });
    cluster.put(`${pods}/b`, { status: { phase: "Pending" } });
    const changes = watch({ fieldSelector: "status.phase!=Succeeded" });
    expect(await next(changes, 3)).toEqual(["listing", "put b", "listed"]);
  });

  it("waits until it may list, and says once what is missing", async () => {
    const warnings: object[] = [];
    const log = {
      ...silentLog,
      warn: (fields: object, message: string) => warnings.push({ ...fields, message }),
    };
    cluster.fault = () => forbidden;
    cluster.put(`${pods}/a`, {});
    const changes = watch({ log });
    expect(await next(changes, 4)).toEqual(["listing", "listing", "listing", "listing"]);
    cluster.fault = undefined;
    expect(await next(changes, 2)).toEqual(["put a", "listed"]);
    expect(warnings).toEqual([
      {
        code: "Denied",
        path: pods,
        hint: 'Grant the service account the verbs "list" and "watch" on pods',
        message: expect.stringContaining("Cannot watch: The Kubernetes API answered 403"),
      },
    ]);
  });

  it("does not hammer a server that ends every watch at once", async () => {
    const waits: number[] = [];
    const clock = {
      ...systemClock,
      async sleep(ms: number, signal?: AbortSignal) {
        waits.push(ms);
        if (waits.length === 4) controller.abort();
        signal?.throwIfAborted();
      },
    };
    cluster.fault = ({ path }) =>
      path.includes("watch=1") ? { status: 200, stream: (response) => response.end() } : undefined;
    const changes = watchObjects(api, { path: pods, clock, log: silentLog, signal: controller.signal });
    for await (const _ of changes);
    expect(waits.length).toBe(4);
    expect(waits[3]).toBeGreaterThan(1_900);
  });

  it("goes on at once when a watch that told of nothing has had its time", async () => {
    const waits: number[] = [];
    let now = 0;
    const clock = {
      ...systemClock,
      now: () => now,
      async sleep(ms: number, signal?: AbortSignal) {
        waits.push(ms);
        signal?.throwIfAborted();
      },
    };
    let watches = 0;
    cluster.fault = ({ path }) => {
      if (!path.includes("watch=1")) return undefined;
      watches += 1;
      if (watches === 1) return { status: 503 };
      if (watches === 6) controller.abort();
      now += 120_000;
      return { status: 200, stream: (response) => response.end() };
    };
    const changes = watchObjects(api, { path: pods, clock, log: silentLog, signal: controller.signal });
    for await (const _ of changes);
    // After the failure alone.
    expect(waits.length).toBe(1);
  });

  it.each([
    ["no JSON", "{\n"],
    ["no event", "[1]\n"],
    ["a line that never ends", `"${"x".repeat(5 * 1024 * 1024)}`],
  ])("survives %s", async (_name, text) => {
    cluster.put(`${pods}/a`, {});
    let answers = 0;
    cluster.fault = ({ path }) => {
      if (!path.includes("watch=1")) return undefined;
      answers += 1;
      return answers === 1 ? { status: 200, stream: (response) => response.end(text) } : undefined;
    };
    const changes = watch();
    await next(changes, 3);
    const onward = next(changes, 1);
    await expect.poll(() => answers).toBeGreaterThan(1);
    cluster.put(`${pods}/b`, {});
    expect(await onward).toEqual(["put b"]);
  });

  it("ends with the signal, in the midst of waiting", async () => {
    const changes = watch();
    await next(changes, 2);
    const last = changes.next();
    await expect.poll(() => watchRequests().length).toBe(1);
    controller.abort();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  it("lists ever more seldom where the server forgets each list at once", async () => {
    const rests: number[] = [];
    const patient: Clock = {
      ...systemClock,
      random: () => 1,
      async sleep(ms) {
        rests.push(ms);
        if (rests.length === 5) controller.abort();
      },
    };
    const forgetful: KubernetesApi = {
      ...api,
      get: async () => ({ metadata: { resourceVersion: "1" }, items: [] }),
      // biome-ignore lint/correctness/useYield: it fails before there is anything to tell.
      async *stream() {
        throw new PromoterError("InvalidResponse", "Too old", { status: 410 });
      },
    };
    const changes = watchObjects(forgetful, {
      path: pods,
      clock: patient,
      log: silentLog,
      signal: controller.signal,
    });
    for await (const _ of changes);
    expect(rests).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
  });
});
