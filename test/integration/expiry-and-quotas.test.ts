import { describe, expect, it } from "vitest";
import { ecrQuotas } from "../emulator/emulator-options.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import {
  devAccount,
  prodAccount,
  prodHost,
  type TwoAccounts,
  twoAccounts,
} from "../scenarios/two-accounts.ts";

const MiB = 1024 ** 2;
const app = `${prodHost}/team/app:1`;

describe("a token that expires in the midst of a copy", { timeout: 60_000 }, () => {
  it("is renewed as often as it takes", async () => {
    await using world = await twoAccounts({ tokenLifetimeMs: 1_200, latencyMs: 20 });
    const fixture = placeImage(world.dev("team/app"), multiPlatform({ count: 12, layers: [300_000] }), {
      tags: ["1"],
    });
    world.prod("team/app");
    // So that the copy outlives several tokens.
    world.emulator.faults.add({ kind: "storage" }, { do: "slow", bytesPerSecond: 200_000 });
    const { code, report } = await world.promote([app, "--concurrency", "4"]);
    expect(report.images).toMatchObject([{ status: "copied", digest: rootDigest(fixture) }]);
    expect(code).toBe(0);
    expect(world.prod("team/app").imageTags.get("1")).toBe(rootDigest(fixture));
    expect(tokensAsked(world)).toBeGreaterThan(2);
  });

  it("is renewed once, not by each of the requests that find it expired", async () => {
    await using world = await twoAccounts();
    const { emulator } = world;
    const fixture = placeImage(world.dev("team/app"), multiPlatform({ count: 12 }), { tags: ["1"] });
    world.prod("team/app");
    let expired = false;
    // Every token that there is ends when the first upload does.
    const timer = setInterval(() => {
      if (expired || !emulator.requests.some(({ kind }) => kind === "upload-finish")) return;
      expired = true;
      emulator.store.expireTokens();
    }, 1);
    const { code } = await world.promote([app]);
    clearInterval(timer);
    expect(expired).toBe(true);
    expect(code).toBe(0);
    expect(world.prod("team/app").imageTags.get("1")).toBe(rootDigest(fixture));
    expect(tokensAsked(world)).toBe(2);
  });

  it("does not matter to an upload that had begun", async () => {
    await using world = await twoAccounts({ tokenLifetimeMs: 1_000 });
    const fixture = placeImage(world.dev("team/app"), image({ layers: [2 * MiB] }), { tags: ["1"] });
    world.prod("team/app");
    world.emulator.faults.add({ kind: "storage" }, { do: "slow", bytesPerSecond: MiB });
    const { code, report } = await world.promote([app]);
    expect(report.images).toMatchObject([{ status: "copied", digest: rootDigest(fixture) }]);
    expect(code).toBe(0);
  });
});

describe("ECR's request rates", { timeout: 60_000 }, () => {
  it("are kept: 30 images go through, and hardly a request is refused", async () => {
    await using world = await twoAccounts({ rateLimits: ecrQuotas });
    const names = Array.from({ length: 30 }, (_, position) => `team/app-${position}`);
    for (const [position, name] of names.entries()) {
      placeImage(world.dev(name), multiPlatform({ seed: position + 1 }), { tags: ["1"] });
      world.prod(name);
    }
    const { code, report } = await world.promote(names.map((name) => `${prodHost}/${name}:1`));
    expect(report.summary).toMatchObject({ images: 30, copied: 30, failed: 0 });
    expect(code).toBe(0);
    const manifests = 30 * 3;
    // One second's worth is there at the beginning.
    const leastMs = (manifests / ecrQuotas.PutImage - 1) * 1_000;
    expect(report.durationMs).toBeGreaterThan(leastMs * 0.9);
    expect(refused(world)).toBeLessThanOrEqual(5);
  });

  it("that others use up are met with patience, not with a storm", async () => {
    const tight = { ...ecrQuotas, PutImage: 4, InitiateLayerUpload: 5, BatchCheckLayerAvailability: 20 };
    await using world = await twoAccounts({ rateLimits: tight });
    const names = Array.from({ length: 10 }, (_, position) => `team/app-${position}`);
    for (const [position, name] of names.entries()) {
      placeImage(world.dev(name), image({ seed: position + 1 }), { tags: ["1"] });
      world.prod(name);
    }
    const { code, report } = await world.promote(names.map((name) => `${prodHost}/${name}:1`));
    expect(report.images.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(code).toBe(0);
    const answered = world.emulator.requests.length;
    console.log(`tight quotas: ${refused(world)} of ${answered} requests refused, ${report.durationMs} ms`);
    expect(refused(world)).toBeGreaterThan(0);
    expect(refused(world)).toBeLessThan(answered / 3);
  });
});

function tokensAsked({ emulator }: TwoAccounts): number {
  return emulator.requests.filter(({ action }) => action === "GetAuthorizationToken").length;
}

function refused({ emulator }: TwoAccounts): number {
  return emulator.requests.filter(
    ({ status, account }) => status === 429 && (account === devAccount || account === prodAccount),
  ).length;
}
