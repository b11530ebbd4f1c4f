import { describe, expect, it } from "vitest";
import type { LoggedRequest } from "../emulator/request-log.ts";
import { hugeImage, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodHost, type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";

const MiB = 1024 ** 2;
const app = `${prodHost}/team/app:1`;

describe("a copy that outlives what it was begun with", { timeout: 60_000 }, () => {
  it("goes on in the midst of a blob that breaks when its address and the token have run out", async () => {
    await using world = await twoAccounts({ storageUrlLifetimeMs: 1_000 });
    const { emulator } = world;
    const fixture = placeImage(world.dev("team/app"), hugeImage(4 * MiB), { tags: ["1"] });
    world.prod("team/app");
    const blob = { kind: "storage", path: /prod-/ } as const;
    emulator.faults.add({ ...blob, times: 4 }, { do: "slow", bytesPerSecond: 2 * MiB });
    emulator.faults.add({ ...blob, times: 4 }, { do: "reset-after-response-bytes", bytes: 3 * MiB });
    const expiring = expireOnce(world, ({ kind, bytesOut }) => kind === "storage" && bytesOut > MiB);
    const { code, report } = await world.promote([app]);
    clearInterval(expiring);
    expect(report.images).toMatchObject([{ status: "copied", digest: rootDigest(fixture) }]);
    expect(code).toBe(0);
    const ranges = emulator.requests.flatMap(({ kind, headers }) =>
      kind === "storage" ? (headers.range ?? []) : [],
    );
    expect(ranges.length).toBeGreaterThan(0);
    expect(tokensAsked(world)).toBe(2);
  });

  it("goes on between two chunks when the destination's token has run out", async () => {
    await using world = await twoAccounts();
    const { emulator } = world;
    const fixture = placeImage(world.dev("team/app"), hugeImage(34 * MiB), { tags: ["1"] });
    world.prod("team/app");
    // The layer is too large for one request, so that it goes in chunks.
    const path = new RegExp(encodeURIComponent(fixture.blobs.at(-1)?.digest ?? ""));
    emulator.faults.add({ kind: "upload-finish", path, times: 1 }, { do: "status", status: 413 });
    const expiring = expireOnce(world, ({ kind, status }) => kind === "upload-part" && status === 201);
    const { code, report } = await world.promote([app]);
    clearInterval(expiring);
    expect(report.images).toMatchObject([{ status: "copied", digest: rootDigest(fixture) }]);
    expect(code).toBe(0);
    const parts = emulator.requests.filter(
      ({ kind, method }) => kind === "upload-part" && method === "PATCH",
    );
    expect(parts.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(tokensAsked(world)).toBe(2);
  });
});

/** Ends every token that there is once such a request has been seen. */
function expireOnce({ emulator }: TwoAccounts, seen: (request: LoggedRequest) => boolean): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (!emulator.requests.some(seen)) return;
    emulator.store.expireTokens();
    clearInterval(timer);
  }, 1);
  return timer;
}

function tokensAsked({ emulator }: TwoAccounts): number {
  return emulator.requests.filter(({ action }) => action === "GetAuthorizationToken").length;
}
