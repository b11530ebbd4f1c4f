import { describe, expect, it } from "vitest";
import { withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, rootDigest } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { platforms } from "../fixtures/platforms.ts";
import { prodAccount, prodHost, region, type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";
import { distinct } from "./fleet.ts";
import { contentBytes, countByKind } from "./traffic.ts";
import { unhurried } from "./unhurried.ts";

const small = withAttestations(
  platforms(2).map((platform, position) =>
    image({ platform, seed: 1 + position, layers: [3_000, 2_000, 1_000] }),
  ),
);

describe("what is up to date", () => {
  it.each([
    ["a tag", `${prodHost}/team/app:1`, { "production manifest-head": 1 }, 3],
    ["a digest", `${prodHost}/team/app@${rootDigest(small)}`, { "production manifest-head": 1 }, 2],
  ])("costs one request a registry, for %s, and a token", async (_, name, production, total) => {
    await using world = await twoAccounts();
    for (const place of [world.dev("team/app"), world.prod("team/app")]) {
      placeImage(place, small, { tags: ["1"] });
    }
    const { report } = await world.promote([name]);
    expect(report.summary.upToDate).toBe(1);
    expect(countByKind(world.emulator.requests)).toMatchObject({ GetAuthorizationToken: 1, ...production });
    expect(world.emulator.requests).toHaveLength(total);
  });

  it("shares the token among its images", async () => {
    await using world = await twoAccounts();
    const names = ["a", "b", "c", "d"].map((name) => `team/${name}`);
    for (const place of names.flatMap((name) => [world.dev(name), world.prod(name)])) {
      placeImage(place, small, { tags: ["1"] });
    }
    await world.promote(names.map((name) => `${prodHost}/${name}:1`));
    expect(world.emulator.requests).toHaveLength(1 + 2 * names.length);
  });
});

describe("a new index of two platforms with attestations", () => {
  it("asks for each of its parts no more often than that takes", async () => {
    await using world = await twoAccounts();
    await promoteNew(world, { "team/app": small });
    const { manifests, blobs } = distinct([{ fixture: small }]);
    // The index and its two platforms may have signatures; the attestations are none's subject.
    const subjects = 3;
    expectAtMost(countByKind(world.emulator.requests), {
      GetAuthorizationToken: 1,
      // By its tag, and by the three tags under which cosign keeps things of a subject.
      "development manifest-head": 1 + 3 * subjects,
      "development manifest-get": manifests.size,
      "development referrers": subjects,
      "development blob-get": blobs.size,
      "development storage": blobs.size,
      // By its tag before and after, and each manifest, for it may be there.
      "production manifest-head": 2 + manifests.size,
      "production blob-head": blobs.size,
      "production upload-start": blobs.size,
      "production upload-finish": blobs.size,
      "production manifest-put": manifests.size,
    });
  });

  it("has no more on the wire than its parts, each once", async () => {
    await using world = await twoAccounts();
    await promoteNew(world, { "team/app": small });
    expectEachOnce(world, [small]);
  });
});

describe("images that share layers", () => {
  const base = [5_000, 4_000].map((bytes, position) => layerArchive(bytes, 300 + position));
  const images = {
    "team/a": image({ base, layers: [1_000], seed: 31 }),
    "team/b": image({ base, layers: [1_001], seed: 32 }),
    "team/c": image({ base, layers: [1_002], seed: 33 }),
  };

  it("cross with each blob once, and mount the rest without asking whether it is there", async () => {
    await using world = await twoAccounts();
    world.emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
    await promoteNew(world, images);
    expectEachOnce(world, Object.values(images));
    const mounts = world.emulator.requests.filter(
      ({ kind, path }) => kind === "upload-start" && path.includes("mount="),
    );
    expect(mounts.map(({ status }) => status)).toEqual(mounts.map(() => 201));
    expect(mounts).toHaveLength(2 * base.length);
    const { blobs } = distinct(Object.values(images).map((fixture) => ({ fixture })));
    expectAtMost(
      { heads: countByKind(world.emulator.requests)["production blob-head"] ?? 0 },
      { heads: blobs.size },
    );
  });

  it("send only what is new where an earlier version is", async () => {
    await using world = await twoAccounts();
    await promoteNew(world, { "team/a": images["team/a"] });
    world.emulator.clearRequests();
    const next = image({ base, layers: [1_100], seed: 34 });
    await promoteNew(world, { "team/a": next });
    const fresh = [...distinct([{ fixture: next }]).blobs].filter(
      ([digest]) => !images["team/a"].blobs.some((blob) => blob.digest === digest),
    );
    const bytes = fresh.reduce((sum, [, size]) => sum + size, 0);
    expect(contentBytes(world.emulator.requests)).toMatchObject({ blobsRead: bytes, blobsWritten: bytes });
  });
});

/** Puts images into development, and promotes them in one run. */
async function promoteNew(world: TwoAccounts, images: Readonly<Record<string, ImageFixture>>): Promise<void> {
  for (const [name, fixture] of Object.entries(images)) {
    placeImage(world.dev(name), fixture, { tags: ["1"] });
    world.prod(name);
  }
  const names = Object.keys(images).map((name) => `${prodHost}/${name}:1`);
  const { report } = await world.promote(names, unhurried);
  expect(report.summary).toMatchObject({ copied: names.length, failed: 0 });
}

function expectEachOnce({ emulator }: TwoAccounts, fixtures: readonly ImageFixture[]): void {
  const { manifests, blobs } = distinct(fixtures.map((fixture) => ({ fixture })));
  const [manifestBytes, bytes] = [manifests, blobs].map((sizes) =>
    [...sizes.values()].reduce((sum, size) => sum + size, 0),
  );
  expect(contentBytes(emulator.requests)).toEqual({
    blobsRead: bytes,
    blobsWritten: bytes,
    manifestsRead: manifestBytes,
    manifestsWritten: manifestBytes,
  });
}

/** Fewer is welcome; more, and anything that is not named, is not. */
function expectAtMost(
  counts: Readonly<Record<string, number>>,
  most: Readonly<Record<string, number>>,
): void {
  const over = Object.entries(counts).filter(([kind, count]) => count > (most[kind] ?? 0));
  expect(Object.fromEntries(over)).toEqual({});
}
