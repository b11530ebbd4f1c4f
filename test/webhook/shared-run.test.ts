import { describe, expect, it } from "vitest";
import { parseReference } from "../../job/oci/reference.ts";
import { imageReport } from "../../job/promotion/image-report.ts";
import { sharedRuns } from "../../job/webhook/shared-run.ts";
import { ManualClock, settle } from "../ecr/manual-clock.ts";

const wish = { destination: parseReference("prod.example.com/app:1"), sources: [] };

describe("images that are asked for at about the same time", () => {
  it("share a run while it is at work and young, and no longer", async () => {
    const clock = new ManualClock();
    const runs: PromiseWithResolvers<void>[] = [];
    const promote = sharedRuns({
      clock,
      longestMs: 1_000,
      begin() {
        const end = Promise.withResolvers<void>();
        runs.push(end);
        return async (image) => {
          await end.promise;
          return imageReport(image, { status: "copied" });
        };
      },
    });
    const first = [promote(wish), promote(wish)];
    await clock.advance(999);
    first.push(promote(wish));
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    const second = promote(wish);
    expect(runs).toHaveLength(2);
    for (const run of runs) run.resolve();
    await Promise.all([...first, second]);
    await settle();
    // Nothing is at work: whatever the last one knew may be out of date.
    const third = promote(wish);
    expect(runs).toHaveLength(3);
    runs.at(-1)?.resolve();
    await third;
  });
});
