import { describe, expect, it } from "vitest";
import type { Clock } from "../../job/async/clock.ts";
import { HostBackoff } from "../../job/registry/host-backoff.ts";

function fakeClock(): Clock & { slept: number[] } {
  let now = 1000;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    random: () => 0.5,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  };
}

describe("HostBackoff", () => {
  it("holds what goes to the host that asked for it, and nothing else", async () => {
    const clock = fakeClock();
    const backoff = new HostBackoff(clock);
    backoff.hold("a.example", 2000);
    await backoff.wait("b.example");
    expect(clock.slept).toEqual([]);
    await backoff.wait("a.example");
    expect(clock.slept).toEqual([2100]);
    await backoff.wait("a.example");
    expect(clock.slept).toEqual([2100]);
  });

  it("keeps the longer of two waits", async () => {
    const clock = fakeClock();
    const backoff = new HostBackoff(clock);
    backoff.hold("a.example", 2000);
    backoff.hold("a.example", 10);
    await backoff.wait("a.example");
    expect(clock.now()).toBeGreaterThanOrEqual(3000);
  });

  it("goes on waiting when it was told to again meanwhile", async () => {
    const clock = fakeClock();
    const backoff = new HostBackoff(clock);
    backoff.hold("a.example", 100);
    const sleep = clock.sleep;
    clock.sleep = async (ms, signal) => {
      await sleep(ms, signal);
      if (clock.slept.length === 1) backoff.hold("a.example", 500);
    };
    await backoff.wait("a.example");
    expect(clock.slept).toEqual([105, 525]);
  });
});
