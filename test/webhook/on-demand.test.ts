import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import type { Digest } from "../../job/oci/digest.ts";
import { formatReference, parseReference } from "../../job/oci/reference.ts";
import { imageReport, reportedError } from "../../job/promotion/image-report.ts";
import type { PromoteImage } from "../../job/promotion/promote.ts";
import { type OnDemandOptions, openOnDemand } from "../../job/webhook/on-demand.ts";
import { ManualClock, settle } from "../ecr/manual-clock.ts";

const digest: Digest = `sha256:${"a".repeat(64)}`;
const app = parseReference("prod.example.com/app:1");
const routes = [
  { to: { host: "prod.example.com", prefix: "" }, from: [{ host: "dev.example.com", prefix: "" }] },
];

/** Wishes for a destination that has what is in `present`. */
function world(given: Partial<OnDemandOptions> = {}) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const present = new Map<string, Digest>();
  const calls = { resolved: [] as string[], promoted: [] as string[], known: [] as boolean[] };
  const release = Promise.withResolvers<void>();
  const promote: PromoteImage = async (image) => {
    const name = formatReference(image.destination);
    calls.promoted.push(name);
    await release.promise;
    present.set(name, digest);
    return imageReport(image, { status: "copied", digest });
  };
  const onDemand = openOnDemand({
    routes,
    clock,
    atOnce: 2,
    most: 5,
    ttlMs: 60_000,
    signal: stop.signal,
    promote,
    async resolve(reference) {
      const name = formatReference(reference);
      calls.resolved.push(name);
      return present.get(name);
    },
    observe: { asked: (known) => calls.known.push(known) },
    ...given,
  });
  return { onDemand, clock, calls, present, release: () => release.resolve(), stop };
}

const image = (name: string) => parseReference(`prod.example.com/${name}`);

describe("images on demand", () => {
  it("are promoted once, however many ask at the same time", async () => {
    const { onDemand, calls, release } = world();
    const asked = Array.from({ length: 1_000 }, () => onDemand.ensure(app));
    await settle();
    expect(onDemand.state).toEqual({ underWay: 1, promoting: 1, known: 0 });
    release();
    const all = await Promise.all(asked);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(["promoted"]));
    expect(calls.promoted).toEqual(["prod.example.com/app:1"]);
    expect(calls.resolved).toHaveLength(1);
    expect(onDemand.state).toEqual({ underWay: 0, promoting: 0, known: 1 });
  });

  it("are only looked at where they are there, and not even that for a while", async () => {
    const { onDemand, calls, present, clock } = world();
    present.set("prod.example.com/app:1", digest);
    expect(onDemand.isKnown(app)).toBe(false);
    expect(await onDemand.ensure(app)).toEqual({ status: "present", digest });
    expect(onDemand.isKnown(app)).toBe(true);
    expect(await onDemand.ensure(app)).toEqual({ status: "present", digest });
    expect(calls.resolved).toHaveLength(1);
    expect(calls.known).toEqual([false, true]);
    await clock.advance(60_000);
    expect(onDemand.isKnown(app)).toBe(false);
    await onDemand.ensure(app);
    expect(calls.resolved).toHaveLength(2);
    expect(calls.promoted).toEqual([]);
  });

  it("are looked at anew for whoever could not pull them", async () => {
    const { onDemand, present, release } = world();
    present.set("prod.example.com/app:1", digest);
    await onDemand.ensure(app);
    present.clear();
    release();
    expect(await onDemand.ensure(app)).toMatchObject({ status: "present" });
    expect(await onDemand.ensure(app, { fresh: true })).toMatchObject({ status: "promoted" });
  });

  it("are not remembered to be missing", async () => {
    const { onDemand, present, calls } = world();
    expect(await onDemand.look(app)).toMatchObject({ status: "failed", error: { code: "ManifestUnknown" } });
    expect(calls.promoted).toEqual([]);
    present.set("prod.example.com/app:1", digest);
    expect(await onDemand.look(app)).toEqual({ status: "present", digest });
  });

  it("go on being promoted when those who asked have gone", async () => {
    const { onDemand, release, calls } = world();
    const gone = new AbortController();
    const asked = onDemand.ensure(app, { signal: gone.signal });
    await settle();
    gone.abort(new Error("no time left"));
    await expect(asked).rejects.toThrow("no time left");
    const other = onDemand.ensure(app);
    release();
    expect(await other).toMatchObject({ status: "promoted", digest });
    expect(calls.promoted).toHaveLength(1);
  });

  it("are not ours without a route", async () => {
    const { onDemand, calls } = world();
    expect(await onDemand.ensure(parseReference("docker.io/library/nginx:1"))).toEqual({
      status: "unrouted",
    });
    expect(calls.resolved).toEqual([]);
  });

  it("are so many at a time, and no more than that wait", async () => {
    const { onDemand, release } = world();
    const asked = ["a", "b", "c", "d", "e"].map((name) => onDemand.ensure(image(name)));
    await settle();
    expect(onDemand.state).toMatchObject({ underWay: 5, promoting: 2 });
    expect(await onDemand.ensure(image("f"))).toMatchObject({
      status: "failed",
      error: { code: "TooManyRequests", temporary: true },
    });
    // Who asks for what is under way is no more.
    asked.push(onDemand.ensure(image("a")));
    release();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(6).fill("promoted"));
  });

  it("fail with what went wrong, and are tried again by the next who asks", async () => {
    let isBroken = true;
    const denied = new PromoterError("Denied", "Not allowed", { hint: "Allow it" });
    const { onDemand } = world({
      async promote(wish) {
        if (!isBroken) return imageReport(wish, { status: "copied", digest });
        return imageReport(wish, { status: "failed", error: reportedError(denied) });
      },
    });
    const failed = await onDemand.ensure(app);
    expect(failed).toMatchObject({ status: "failed", error: { code: "Denied", hint: "Allow it" } });
    expect(onDemand.isKnown(app)).toBe(false);
    isBroken = false;
    expect(await onDemand.ensure(app)).toMatchObject({ status: "promoted" });
  });

  it("fail where the destination cannot be asked: nothing is promoted on a guess", async () => {
    const { onDemand, calls } = world({
      resolve: () => Promise.reject(new PromoterError("Network", "No route to host", { temporary: true })),
    });
    expect(await onDemand.ensure(app)).toMatchObject({
      status: "failed",
      error: { code: "Network", temporary: true },
    });
    expect(calls.promoted).toEqual([]);
  });

  it("are given up when all work has to end", async () => {
    const { onDemand, stop } = world();
    const asked = ["a", "b", "c"].map((name) => onDemand.ensure(image(name)));
    await settle();
    stop.abort(new PromoterError("Aborted", "Stopped", { temporary: true }));
    expect(await asked[2]).toMatchObject({ status: "failed", error: { code: "Aborted" } });
  });

  it("are looked for however many wait to be promoted", async () => {
    const { onDemand, present, release } = world({ most: 3 });
    const asked = ["a:1", "b:1", "c:1"].map((name) => onDemand.ensure(image(name)));
    await settle();
    expect(await onDemand.ensure(image("d:1"))).toMatchObject({ error: { code: "TooManyRequests" } });
    expect(await onDemand.look(image("d:1"))).toMatchObject({ error: { code: "ManifestUnknown" } });
    present.set("prod.example.com/e:1", digest);
    expect(await onDemand.look(image("e:1"))).toMatchObject({ status: "present" });
    expect(onDemand.state.underWay).toBe(3);
    release();
    await Promise.all(asked);
  });
});
