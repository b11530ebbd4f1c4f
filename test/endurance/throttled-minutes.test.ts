import { describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import type { PromotionReport } from "../../job/promotion/report.ts";
import { startEcrEmulator } from "../emulator/emulator.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { LoggedRequest } from "../emulator/request-log.ts";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { devAccount, prodAccount, prodHost, region, twoAccounts } from "../scenarios/two-accounts.ts";
import { fastClock } from "./fast-clock.ts";

const perSecond = 4;
/** Minutes of real throttling; without it a clock that runs so many times faster. */
const real = process.env.THROTTLE_REAL === "true";
const times = 20;
const count = real ? 100 : 20;
const timeout = real ? 900_000 : 120_000;
const names = Array.from({ length: count }, (_, position) => `team/app-${position}`);
const clock = () => (real ? systemClock : fastClock(times));

describe(`registries that take ${perSecond} requests of a kind a second`, { timeout }, () => {
  it("are ECR's: all images cross, and few requests are refused", async () => {
    const time = clock();
    const rateLimits = { BatchGetImage: perSecond, GetDownloadUrlForLayer: perSecond };
    await using world = await twoAccounts({ clock: time, rateLimits });
    for (const [position, name] of names.entries()) {
      placeImage(world.dev(name), image({ seed: position + 1 }), { tags: ["1"] });
      world.prod(name);
    }
    const begun = time.now();
    const run = await world.promote(
      names.map((name) => `${prodHost}/${name}:1`),
      { clock: time },
    );
    expectAll(run.report);
    summary("ECR", time.now() - begun, world.emulator.requests);
  });

  it("are any others: all images cross, and few requests are refused", async () => {
    const time = clock();
    const options: EmulatorOptions = {
      mode: "strict",
      clock: time,
      rateLimits: { BatchGetImage: perSecond },
    };
    await using emulator = await startEcrEmulator(options);
    const from = await emulator.listen(devAccount, region);
    const to = await emulator.listen(prodAccount, region);
    for (const [position, name] of names.entries()) {
      placeImage(emulator.repository(devAccount, region, name), image({ seed: position + 1 }), {
        tags: ["1"],
      });
    }
    const begun = time.now();
    const input = names.map((name) => `${to}/${name}:1`).join("\n");
    const args = ["promote", "-o", "json", "--from", from, "--to", to, "--images-file", "-"];
    expectAll(JSON.parse((await runCommand(args, { input, clock: time })).stdout));
    summary("another registry", time.now() - begun, emulator.requests);
  });
});

function expectAll(report: PromotionReport): void {
  expect(report.images.flatMap(({ error }) => error ?? [])).toEqual([]);
  expect(report.summary).toMatchObject({ images: count, copied: count, failed: 0 });
}

function summary(what: string, ms: number, requests: readonly LoggedRequest[]): void {
  const refused = requests.filter(({ status }) => status === 429).length;
  console.log(
    `throttled to ${perSecond}/s (${what}): ${count} images in ${(ms / 60_000).toFixed(1)} min` +
      `${real ? "" : ` of a clock ${times} times as fast`}, ${refused} of ${requests.length} requests refused`,
  );
  expect(ms).toBeGreaterThan(20_000);
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(requests.length / 4);
}
