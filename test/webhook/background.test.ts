import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { silentLog } from "../../job/log.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { reportedError } from "../../job/promotion/image-report.ts";
import { openBackground } from "../../job/webhook/background.ts";
import type { Ensured } from "../../job/webhook/on-demand.ts";
import { ManualClock } from "../ecr/manual-clock.ts";

const app = parseReference("prod.example.com/app:1");
const failure = (temporary: boolean): Ensured => ({
  status: "failed",
  error: reportedError(new PromoterError("Unavailable", "Not now", { temporary })),
});

/** A background whose attempts end as `answers` say, one after the other, and the last for ever. */
function world(answers: readonly Ensured[], most = 10) {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const end = new AbortController();
  const attempts: number[] = [];
  const background = openBackground({
    onDemand: {
      async ensure() {
        attempts.push(clock.now());
        const answer = answers[Math.min(attempts.length, answers.length) - 1];
        return answer ?? { status: "unrouted" };
      },
    },
    clock,
    log: silentLog,
    most,
    stopping: stopping.signal,
    signal: end.signal,
  });
  return { background, attempts, clock, stopping, end };
}

describe("what nobody waits for", () => {
  it("is tried again while the failure may pass, at growing intervals", async () => {
    const { background, attempts, clock } = world([failure(true), failure(true), { status: "unrouted" }]);
    expect(background.add(app, "Pod shop/web")).toBe(true);
    expect(background.size).toBe(1);
    await clock.advance(60_000);
    expect(attempts).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = attempts;
    expect(third - second).toBeGreaterThan(second - first);
    expect(background.size).toBe(0);
  });

  it("is given up after some attempts, and at once where trying again cannot help", async () => {
    const stubborn = world([failure(true)]);
    stubborn.background.add(app, "Pod shop/web");
    await stubborn.clock.advance(3_600_000);
    expect(stubborn.attempts).toHaveLength(6);
    const hopeless = world([failure(false)]);
    hopeless.background.add(app, "Pod shop/web");
    await hopeless.clock.advance(3_600_000);
    expect(hopeless.attempts).toHaveLength(1);
  });

  it("is one however often it is asked for, and refused where too much waits", async () => {
    const { background, attempts } = world([failure(true)], 2);
    expect(background.add(app, "a")).toBe(true);
    expect(background.add(app, "b")).toBe(true);
    expect(background.size).toBe(1);
    expect(attempts).toHaveLength(1);
    expect(background.add(parseReference("prod.example.com/b:1"), "c")).toBe(true);
    expect(background.add(parseReference("prod.example.com/c:1"), "d")).toBe(false);
  });

  it("does not outlast a stop by its pauses", async () => {
    const { background, attempts, stopping, end } = world([failure(true)]);
    background.add(app, "Pod shop/web");
    await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    await background.settled();
    expect(attempts).toHaveLength(2);
    end.abort();
    expect(background.add(app, "Pod shop/web")).toBe(false);
  });
});
