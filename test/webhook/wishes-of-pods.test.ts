import { describe, expect, it } from "vitest";
import { silentLog } from "../../job/log.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { PodWishes } from "../../job/webhook/wishes-of-pods.ts";
import { ManualClock, settle } from "../ecr/manual-clock.ts";

const image = parseReference("prod.example.com/app:1");
const digest = `sha256:${"a".repeat(64)}` as const;
const pod = (uid: string) => ({ namespace: "shop", name: uid, uid });

describe("the wishes of pods", () => {
  it.each(Array.from({ length: 25 }, (_, steps) => steps))(
    "are heard from a pod that comes %i steps after the last one went",
    async (steps) => {
      const clock = new ManualClock();
      const stop = new AbortController();
      let asked = 0;
      const wishes = new PodWishes({
        onDemand: {
          async ensure() {
            asked += 1;
            return { status: "present", digest };
          },
        },
        clock,
        log: silentLog,
        signal: stop.signal,
        announce: () => undefined,
        gatherMs: 10,
      });
      wishes.wants(pod("a"), [image]);
      await clock.advance(10);
      await settle();
      expect(asked).toBe(1);
      await clock.advance(3_000);
      await settle();
      wishes.forget("a");
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      wishes.wants(pod("b"), [image]);
      await settle();
      await clock.advance(10);
      await settle();
      expect(asked).toBe(2);
      expect(wishes.size).toBe(1);
      stop.abort();
      await wishes.settled();
    },
  );
});
