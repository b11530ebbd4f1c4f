import { describe, expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { withAttestations } from "../fixtures/attachments.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { platforms } from "../fixtures/platforms.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { devAccount, prodAccount, prodHost, region, twoAccounts } from "../scenarios/two-accounts.ts";
import { Steps } from "./steps.ts";

const small = withAttestations(
  platforms(2).map((platform, position) => image({ platform, seed: 1 + position, layers: [3_000, 2_000] })),
);

/** Tag, members, blobs out, begin an upload, end it, members, tag, and a look at it. */
const coldSteps = 8;
/** On ECR moreover the token, the manifest that the tag's head has named, and the blobs' address in the storage. */
const coldStepsOnEcr = coldSteps + 3;

describe("round trips that follow on one another", () => {
  it("of a plain registry", async () => {
    const steps = new Steps();
    await using emulator = await startEcrEmulator({
      mode: "strict",
      blobRedirect: false,
      beforeAnswer: steps.arrive,
    });
    const [from, to] = [
      await emulator.listen(devAccount, region),
      await emulator.listen(prodAccount, region),
    ];
    placeImage(emulator.repository(devAccount, region, "team/app"), small, { tags: ["1"] });
    const promote = () => runCommand(["promote", "--from", from, "--to", to, `${to}/team/app:1`]);
    const cold = await steps.count(promote);
    const copied = emulator.repository(prodAccount, region, "team/app").imageTags.get("1");
    expect(copied).toBe(rootDigest(small));
    expect(cold).toBeLessThanOrEqual(coldSteps);
    expect(cold).toBeGreaterThan(4);
    // Both registries are asked at once.
    expect(await steps.count(promote)).toBe(1);
  });

  it("of ECR", async () => {
    const steps = new Steps();
    await using world = await twoAccounts({ beforeAnswer: steps.arrive });
    placeImage(world.dev("team/app"), small, { tags: ["1"] });
    world.prod("team/app");
    const promote = () => world.promote([`${prodHost}/team/app:1`]);
    expect(await steps.count(promote)).toBeLessThanOrEqual(coldStepsOnEcr);
    expect(world.prod("team/app").imageTags.get("1")).toBe(rootDigest(small));
    // The token, and both registries at once.
    expect(await steps.count(promote)).toBe(2);
  });

  it("are as many for eight images as for one", async () => {
    const steps = new Steps();
    await using emulator = await startEcrEmulator({ mode: "strict", beforeAnswer: steps.arrive });
    const [from, to] = [
      await emulator.listen(devAccount, region),
      await emulator.listen(prodAccount, region),
    ];
    const names = Array.from({ length: 8 }, (_, position) => `team/service-${position}`);
    for (const [position, name] of names.entries()) {
      for (const account of [devAccount, prodAccount]) {
        placeImage(emulator.repository(account, region, name), image({ seed: position + 1 }), {
          tags: ["1"],
        });
      }
    }
    const images = names.map((name) => `${to}/${name}:1`);
    expect(await steps.count(() => runCommand(["promote", "--from", from, "--to", to, ...images]))).toBe(1);
  });
});
