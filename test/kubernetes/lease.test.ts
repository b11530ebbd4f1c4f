import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { leadByLease } from "../../job/kubernetes/lease.ts";
import { silentLog } from "../../job/log.ts";
import { type FakeCluster, startCluster } from "./fake-cluster.ts";
import { forbidden } from "./fake-kubernetes.ts";

const path = "/apis/coordination.k8s.io/v1/namespaces/shop/leases/promoter";

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await startCluster();
});
afterEach(() => cluster[Symbol.asyncDispose]());

const spec = () => cluster.get(path)?.spec as Record<string, unknown> | undefined;

interface Candidate {
  readonly terms: ("begins" | "ends")[];
  readonly stop: () => Promise<void>;
  readonly ended: Promise<void>;
}

/** What of all candidates works at this moment, to see that there is never more than one. */
function candidates(pace = { durationMs: 4_000, renewWithinMs: 1_500, retryMs: 50 }) {
  const working = new Set<string>();
  let most = 0;
  const stand = (identity: string, work?: (signal: AbortSignal) => Promise<void>): Candidate => {
    const controller = new AbortController();
    const api = cluster.open();
    const terms: ("begins" | "ends")[] = [];
    const ended = leadByLease(
      {
        ...{ api, namespace: "shop", name: "promoter", identity, clock: systemClock, log: silentLog },
        ...{ signal: controller.signal, ...pace },
      },
      async (signal) => {
        terms.push("begins");
        working.add(identity);
        most = Math.max(most, working.size);
        try {
          await (work ?? untilAborted)(signal);
        } finally {
          working.delete(identity);
          terms.push("ends");
        }
      },
    ).finally(() => api[Symbol.asyncDispose]());
    ended.catch(() => {});
    const stop = () => {
      controller.abort();
      return ended;
    };
    return { terms, stop, ended };
  };
  return { stand, working, most: () => most };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}

describe("leadByLease", () => {
  it("lets one of many work, and another one when that one goes", async () => {
    const { stand, working, most } = candidates();
    const all = new Map(["a", "b", "c", "d"].map((identity) => [identity, stand(identity)]));
    await expect.poll(() => working.size).toBe(1);
    const [first = ""] = working;
    expect(spec()).toMatchObject({ holderIdentity: first, leaseDurationSeconds: 4, leaseTransitions: 0 });
    expect(spec()?.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const before = performance.now();
    await all.get(first)?.stop();
    await expect.poll(() => working.size, { interval: 10 }).toBe(1);
    // Given back, not run out.
    expect(performance.now() - before).toBeLessThan(3_500);
    const [second = ""] = working;
    expect(second).not.toBe(first);
    expect(spec()).toMatchObject({ holderIdentity: second });
    await Promise.all([...all.values()].map(({ stop }) => stop()));
    expect(most()).toBe(1);
  });

  it("stops working before another one may begin, when the API cannot be reached", async () => {
    const { stand, working, most } = candidates();
    const one = stand("one");
    await expect.poll(() => working.size).toBe(1);
    const lastRenewal = performance.now();
    cluster.fault = () => ({ status: 503 });
    await expect.poll(() => working.size, { interval: 10 }).toBe(0);
    expect(performance.now() - lastRenewal).toBeLessThan(3_500);
    cluster.fault = undefined;
    const other = stand("other");
    await expect.poll(() => working.size).toBe(1);
    await Promise.all([one.stop(), other.stop()]);
    expect(most()).toBe(1);
  });

  it("keeps the Lease while one renewal fails", async () => {
    const { stand, working } = candidates();
    const one = stand("one");
    await expect.poll(() => working.size).toBe(1);
    let failures = 0;
    cluster.fault = () => (failures++ < 2 ? { status: 500 } : undefined);
    await expect.poll(() => failures).toBeGreaterThan(4);
    expect(one.terms).toEqual(["begins"]);
    await one.stop();
  });

  it("takes a Lease whose holder gives no sign of life, after that has been seen for long enough", async () => {
    const foreign = {
      holderIdentity: "dead",
      leaseDurationSeconds: 1,
      renewTime: "2001-01-01T00:00:00.000000Z",
    };
    cluster.put(path, { spec: foreign });
    const { stand, working } = candidates();
    const started = performance.now();
    const one = stand("one");
    await expect.poll(() => working.size, { interval: 10 }).toBe(1);
    // The time that stands there is another machine's.
    expect(performance.now() - started).toBeGreaterThan(950);
    expect(spec()).toMatchObject({ holderIdentity: "one", leaseTransitions: 1 });
    await one.stop();
    expect(spec()?.holderIdentity).toBeUndefined();
  });

  it("steps down when somebody else has taken the Lease", async () => {
    const { stand, working } = candidates();
    const one = stand("one");
    await expect.poll(() => working.size).toBe(1);
    cluster.put(path, { spec: { holderIdentity: "thief", leaseDurationSeconds: 1 } });
    await expect.poll(() => working.size, { interval: 10 }).toBe(0);
    expect(spec()).toMatchObject({ holderIdentity: "thief" });
    await one.stop();
    expect(spec()).toMatchObject({ holderIdentity: "thief" });
  });

  it("never lets two work at a time, whatever becomes of requests, and lets one work in the end", async () => {
    const { stand, working, most } = candidates({ durationMs: 1_000, renewWithinMs: 300, retryMs: 15 });
    const all = ["a", "b", "c", "d"].map((identity) => stand(identity));
    let seed = 7;
    const chance = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const until = performance.now() + 4_000;
    while (performance.now() < until) {
      const kind = chance();
      cluster.fault = () => {
        if (kind < 0.3) return { status: 503 };
        if (kind < 0.5) return chance() < 0.7 ? { status: 409 } : undefined;
        // An answer that never comes, of a write that may have been done.
        return kind < 0.6 && chance() < 0.5 ? { status: 200, stream: () => {} } : undefined;
      };
      await systemClock.sleep(50 + chance() * 500);
    }
    cluster.fault = undefined;
    await expect.poll(() => working.size).toBe(1);
    const terms = all.reduce((sum, { terms: own }) => sum + own.length, 0);
    expect(terms).toBeGreaterThan(2);
    await Promise.all(all.map(({ stop }) => stop()));
    expect(most()).toBe(1);
  });

  it("says what to grant, once, and stands until it is granted", async () => {
    const warnings: object[] = [];
    const controller = new AbortController();
    cluster.fault = () => forbidden;
    await using api = cluster.open();
    let begun = false;
    const ended = leadByLease(
      {
        ...{ api, namespace: "shop", name: "promoter", identity: "one", clock: systemClock, retryMs: 5 },
        signal: controller.signal,
        log: { ...silentLog, warn: (fields) => warnings.push(fields) },
      },
      async (signal) => {
        begun = true;
        await untilAborted(signal);
      },
    );
    await expect.poll(() => cluster.requests.length).toBeGreaterThan(5);
    expect(warnings).toEqual([
      expect.objectContaining({ code: "Denied", hint: expect.stringContaining("leases") }),
    ]);
    cluster.fault = undefined;
    await expect.poll(() => begun).toBe(true);
    controller.abort();
    await ended;
  });

  it("gives the Lease back when the work fails, and says why it did", async () => {
    const { stand } = candidates();
    const one = stand("one", async () => {
      throw new Error("broken");
    });
    await expect(one.ended).rejects.toThrow("broken");
    expect(spec()?.holderIdentity).toBeUndefined();
  });
});
