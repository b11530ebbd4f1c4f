import { describe, expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { image } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { devAccount, prodAccount, prodHost, region, twoAccounts } from "../scenarios/two-accounts.ts";
import { distinct, type FleetImage, fleet } from "./fleet.ts";
import { contentBytes } from "./traffic.ts";
import { unhurried } from "./unhurried.ts";

describe("39 repositories with 51 tags", { timeout: 120_000 }, () => {
  const images = fleet();
  const { manifests, blobs } = distinct(images);
  const bytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
  /** Blobs of images by the repositories that they are to be in, less those that are sent: they are mounted. */
  const mounted = blobsByRepository(images) - blobs.size;

  it("are that many, and share their bases", () => {
    expect(images).toHaveLength(51);
    expect(new Set(images.map(({ repository }) => repository)).size).toBe(39);
    expect(mounted).toBeGreaterThan(150);
  });

  it("cost ECR a handful of requests for each thing that crosses, and two a tag once they are there", async () => {
    await using world = await twoAccounts();
    const { emulator } = world;
    emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
    for (const { repository, tag, fixture } of images) {
      placeImage(world.dev(repository), fixture, { tags: [tag] });
      world.prod(repository);
    }
    const names = images.map(({ repository, tag }) => `${prodHost}/${repository}:${tag}`);
    const run = () => world.promote(names, unhurried);
    expect((await run()).report.summary).toMatchObject({ copied: 51, failed: 0 });
    const most =
      1 +
      // A blob: is it there, its address, its bytes, begin, end. A mount is one request.
      5 * blobs.size +
      mounted +
      // A manifest: is it there, get, put. Those of attestations need not, but may, be asked for twice.
      3 * manifests.size +
      // A tag: at both registries, and once more at the end.
      3 * images.length +
      // What may be attached to an index and its two platforms: the referrers API, and cosign's three tags.
      3 * 4 * images.length;
    expect(emulator.requests.length).toBeLessThanOrEqual(most);
    expect(contentBytes(emulator.requests)).toMatchObject({ blobsRead: bytes, blobsWritten: bytes });
    emulator.clearRequests();
    expect((await run()).report.summary).toMatchObject({ upToDate: 51 });
    expect(emulator.requests).toHaveLength(1 + 2 * images.length);
  });
});

describe("a family of 40 images on one base", { timeout: 120_000 }, () => {
  const base = [6_000, 5_000, 4_000, 3_000, 2_000, 1_000].map((size, position) =>
    layerArchive(size, 600 + position),
  );
  const images = Array.from({ length: 40 }, (_, position) => ({
    repository: `family/${position}`,
    tag: "1",
    fixture: image({ base, layers: [500], seed: 700 + position }),
  }));
  const { manifests, blobs } = distinct(images);

  it("sends the base once, and mounts it 39 times, layer by layer", async () => {
    await using emulator = await startEcrEmulator({ mode: "strict" });
    const [from, to] = [
      await emulator.listen(devAccount, region),
      await emulator.listen(prodAccount, region),
    ];
    for (const { repository, tag, fixture } of images) {
      placeImage(emulator.repository(devAccount, region, repository), fixture, { tags: [tag] });
    }
    const names = images.map(({ repository, tag }) => `${to}/${repository}:${tag}`);
    const { code } = await runCommand(["promote", "--from", from, "--to", to, ...names]);
    expect(code).toBe(0);
    const bytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
    expect(contentBytes(emulator.requests)).toMatchObject({ blobsRead: bytes, blobsWritten: bytes });
    const mounts = emulator.requests.filter(
      ({ kind, path }) => kind === "upload-start" && path.includes("mount="),
    );
    expect(mounts).toHaveLength(39 * base.length);
    // Five a blob, with the storage's address; one a mount; two a manifest; three a tag; four for attachments; a ping each.
    const most = 5 * blobs.size + mounts.length + 2 * manifests.size + (3 + 4) * images.length + 2;
    expect(emulator.requests.length).toBeLessThanOrEqual(most);
  });
});

function blobsByRepository(images: readonly FleetImage[]): number {
  return new Set(
    images.flatMap(({ repository, fixture }) => fixture.blobs.map(({ digest }) => `${repository}@${digest}`)),
  ).size;
}
