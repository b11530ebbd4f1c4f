import { describe, expect, it } from "vitest";
import { ecrPacers } from "../../job/ecr/pacer.ts";
import { quotasOf } from "../../job/ecr/request-quotas.ts";
import type { RequestKind } from "../../job/registry/pacing.ts";
import { ecrHost } from "./fake-clients.ts";
import { ManualClock, settle } from "./manual-clock.ts";

function pacing(host = ecrHost()) {
  const clock = new ManualClock();
  const pacers = ecrPacers({ clock });
  return { clock, pacers, pacer: pacers.forHost(host) };
}

/** Asks for so many admissions and counts those that were given. */
function ask(pacer: ReturnType<typeof pacing>["pacer"], kind: RequestKind, count: number) {
  const admitted: number[] = [];
  for (let number = 0; number < count; number += 1) {
    void pacer.admit(kind).then(() => admitted.push(number));
  }
  return admitted;
}

describe("pacing", () => {
  it("admits a burst of manifests at once, the rest at eight a second, in order", async () => {
    const { clock, pacer } = pacing();
    const admitted = ask(pacer, "manifest-write", 30);
    await settle();
    expect(admitted).toHaveLength(10);
    await clock.advance(1000);
    expect(admitted).toHaveLength(18);
    await clock.advance(1500);
    expect(admitted).toEqual([...Array(30).keys()]);
  });

  it("never exceeds ECR's quota over any second after the burst", async () => {
    const { clock, pacer } = pacing();
    const at: number[] = [];
    for (let number = 0; number < 100; number += 1) {
      void pacer.admit("manifest-write").then(() => at.push(clock.now()));
    }
    await clock.advance(60_000);
    expect(at).toHaveLength(100);
    const busiest = Math.max(
      ...at
        .slice(10)
        .map((start) => at.slice(10).filter((time) => time >= start && time < start + 1000).length),
    );
    expect(busiest).toBeLessThanOrEqual(10);
  });

  it("counts kinds apart, and everything of an account and region together", async () => {
    const { clock, pacers, pacer } = pacing();
    ask(pacer, "manifest-write", 10);
    const reads = ask(pacer, "manifest-read", 5);
    const sameRegistry = ask(
      pacers.forHost(ecrHost("111122223333.dkr-ecr.eu-west-1.on.aws")),
      "manifest-write",
      1,
    );
    const otherRegion = ask(
      pacers.forHost(ecrHost("111122223333.dkr.ecr.us-east-1.amazonaws.com")),
      "manifest-write",
      1,
    );
    const otherAccount = ask(
      pacers.forHost(ecrHost("444455556666.dkr.ecr.eu-west-1.amazonaws.com")),
      "manifest-write",
      1,
    );
    await settle();
    expect([reads, sameRegistry, otherRegion, otherAccount].map((list) => list.length)).toEqual([5, 0, 1, 1]);
    await clock.advance(125);
    expect(sameRegistry).toHaveLength(1);
  });

  it("halves the rate when throttled, once for a burst of complaints, and recovers steadily", async () => {
    const { clock, pacer } = pacing();
    ask(pacer, "manifest-write", 10);
    await settle();
    for (let complaint = 0; complaint < 10; complaint += 1) pacer.throttled("manifest-write");
    const admitted = ask(pacer, "manifest-write", 200);
    await clock.advance(1000);
    expect(admitted.length).toBeGreaterThanOrEqual(4);
    expect(admitted.length).toBeLessThanOrEqual(5);
    await clock.advance(9000);
    const before = admitted.length;
    await clock.advance(1000);
    expect(admitted.length - before).toBe(8);
  });

  it("halves again for complaints that come later", async () => {
    const { clock, pacer } = pacing();
    ask(pacer, "manifest-write", 10);
    for (let complaint = 0; complaint < 4; complaint += 1) {
      pacer.throttled("manifest-write");
      await clock.advance(100);
    }
    const admitted = ask(pacer, "manifest-write", 10);
    await clock.advance(500);
    expect(admitted.length).toBeLessThanOrEqual(1);
    await clock.advance(20_000);
    expect(admitted).toHaveLength(10);
  });

  it("stays away for as long as the registry asks", async () => {
    const { clock, pacer } = pacing();
    pacer.throttled("manifest-write", 5000);
    const admitted = ask(pacer, "manifest-write", 1);
    await clock.advance(4999);
    expect(admitted).toHaveLength(0);
    await clock.advance(2);
    expect(admitted).toHaveLength(1);
  });

  it("gives the place of an aborted request to the next one", async () => {
    const { clock, pacer } = pacing();
    ask(pacer, "manifest-write", 10);
    const controller = new AbortController();
    const aborted = pacer.admit("manifest-write", { signal: controller.signal });
    const admitted = ask(pacer, "manifest-write", 1);
    await settle();
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await clock.advance(125);
    expect(admitted).toHaveLength(1);
  });

  it("leaves no pause behind when the last waiting request is aborted, and goes on afterwards", async () => {
    const { clock, pacer } = pacing();
    pacer.throttled("manifest-write", 60_000);
    const controller = new AbortController();
    const aborted = pacer.admit("manifest-write", { signal: controller.signal });
    await settle();
    expect(clock.sleepers).toBe(1);
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await settle();
    expect(clock.sleepers).toBe(0);
    const admitted = ask(pacer, "manifest-write", 1);
    await clock.advance(60_000);
    expect(admitted).toHaveLength(1);
  });

  it("goes on when a request comes in the moment that the last waiting one is aborted", async () => {
    const { clock, pacer } = pacing();
    ask(pacer, "manifest-write", 10);
    const controller = new AbortController();
    const aborted = pacer.admit("manifest-write", { signal: controller.signal });
    await settle();
    controller.abort(new Error("enough"));
    const admitted = ask(pacer, "manifest-write", 1);
    await expect(aborted).rejects.toThrow("enough");
    await clock.advance(1000);
    expect(admitted).toHaveLength(1);
  });

  it("refuses a request that is aborted already", async () => {
    const { pacer } = pacing();
    await expect(pacer.admit("list", { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
  });

  it("is slower for the public gallery", async () => {
    const { pacer } = pacing(ecrHost("public.ecr.aws"));
    const admitted = ask(pacer, "upload-start", 50);
    await settle();
    expect(admitted).toHaveLength(10);
  });
});

describe("leastMs", () => {
  it.each<[Partial<Record<RequestKind, number>>, number]>([
    [{}, 0],
    [{ "manifest-write": 10 }, 0],
    [{ "manifest-write": 90 }, 10_000],
    [{ "manifest-write": 90, "upload-start": 100 }, 10_000],
    [{ "manifest-write": 11, "upload-start": 820 }, 10_000],
  ])("%j takes %d", (requests, expected) => {
    expect(pacing().pacer.leastMs(requests)).toBe(expected);
  });
});

describe("quotas that several processes share", () => {
  const host = ecrHost();

  it.each([2, 8, 100])("are kept by %i processes together, and used up by them", (count) => {
    const share = quotasOf(host, { share: 1 / count });
    const whole = quotasOf(host);
    for (const kind of Object.keys(whole) as RequestKind[]) {
      expect(share[kind].perSecond * count).toBeCloseTo(whole[kind].perSecond, 6);
      // One request at a time must be possible, however small the share.
      expect(share[kind].burst).toBe(Math.max(1, Math.floor(whole[kind].burst / count)));
    }
  });

  it("let a process with an eighth put an image a second", async () => {
    const clock = new ManualClock();
    const pacer = ecrPacers({ clock, share: 1 / 8 }).forHost(host);
    const admitted = ask(pacer, "manifest-write", 10);
    await settle();
    expect(admitted).toHaveLength(1);
    await clock.advance(5_000);
    expect(admitted).toHaveLength(6);
    expect(pacer.leastMs({ "manifest-write": 101 })).toBe(100_000);
  });

  it("are those that AWS has raised, of the action alone that it raised", () => {
    const raised = quotasOf(host, { raised: new Map([["PutImage", 100]]), share: 1 / 4 });
    expect(raised["manifest-write"]).toEqual({ perSecond: 20, burst: 25 });
    expect(raised["upload-start"]).toEqual({ perSecond: 20, burst: 5 });
  });
});
