import { describe, expect, it } from "vitest";
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import { ecrQuotas } from "../emulator/emulator-options.ts";
import { type ImageFixture, image, rootDigest } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { devAccount, prodAccount, prodHost, region, twoAccounts } from "../scenarios/two-accounts.ts";

const count = 200;
const base = [200_000, 50_000, 5_000].map((size, position) => layerArchive(size, 900 + position));
const family = Array.from({ length: count }, (_, position) => ({
  name: `team-${position % 10}/service-${position}`,
  fixture: image({ base, layers: [2_000], seed: 1_000 + position }),
}));
/** Every blob once, whoever has it. */
const blobs = new Map(family.flatMap(({ fixture }) => fixture.blobs.map((blob) => [blob.digest, blob.size])));

describe("200 images of as many repositories, which share their base", { timeout: 120_000 }, () => {
  it("cross in seconds, each blob once, and are nothing to do the second time", async () => {
    await using emulator = await startEcrEmulator({ mode: "strict" });
    const [from, to] = [
      await emulator.listen(devAccount, region),
      await emulator.listen(prodAccount, region),
    ];
    for (const { name, fixture } of family) {
      placeImage(emulator.repository(devAccount, region, name), fixture, { tags: ["1"] });
    }
    const args = ["promote", "-o", "json", "--from", from, "--to", to, "--images-file", "-"];
    const input = family.map(({ name }) => `${to}/${name}:1`).join("\n");
    const first = await timed(() => runCommand(args, { input }));
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout).summary).toMatchObject({ images: count, copied: count, failed: 0 });
    expectAllThere(emulator);
    expectEachBlobOnce(emulator);
    emulator.clearRequests();
    const again = await timed(() => runCommand(args, { input }));
    expect(JSON.parse(again.stdout).summary).toMatchObject({ upToDate: count, bytesCopied: 0 });
    // The ping by which the client learns how to log in counts, too.
    expect(emulator.requests.length).toBeLessThanOrEqual(2 * count + 2);
    console.log(`200 images: ${seconds(first.ms)}, with nothing to do ${seconds(again.ms)}`);
    expect(first.ms).toBeLessThan(40_000);
    expect(again.ms).toBeLessThan(10_000);
  });

  it("keep ECR's quotas without being told, and still send each blob once", async () => {
    await using world = await twoAccounts({ rateLimits: ecrQuotas });
    const { emulator } = world;
    emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
    for (const { name, fixture } of family) {
      placeImage(world.dev(name), fixture, { tags: ["1"] });
      world.prod(name);
    }
    const input = family.map(({ name }) => `${prodHost}/${name}:1`).join("\n");
    const { report, ms, code } = await timed(() => world.promote(["--images-file", "-"], { input }));
    expect(report.images.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(code).toBe(0);
    expectAllThere(emulator);
    expectEachBlobOnce(emulator);
    const throttled = emulator.requests.filter(({ status }) => status === 429).length;
    console.log(`200 images under ECR's quotas: ${seconds(ms)}, ${throttled} answers of 429`);
    // PutImage allows ten a second.
    expect(ms).toBeGreaterThan((count / ecrQuotas.PutImage - 2) * 1_000);
    expect(ms).toBeLessThan(60_000);
    expect(throttled).toBeLessThan(count / 10);
  });
});

it("an image of thirty platforms with a shared base sends each layer once", { timeout: 60_000 }, async () => {
  await using world = await twoAccounts();
  const fixture = multiPlatform({ count: 30, layers: [1_000] });
  placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
  world.prod("team/app");
  const { report } = await world.promote([`${prodHost}/team/app:1`]);
  expect(report.images).toMatchObject([{ status: "copied", digest: rootDigest(fixture) }]);
  expect(report.images[0]?.platforms).toHaveLength(30);
  const wanted = new Set(fixture.blobs.map(({ digest }) => digest)).size;
  expect(world.emulator.requests.filter(({ kind }) => kind === "upload-finish")).toHaveLength(wanted);
  expect(world.emulator.requests.filter(({ kind }) => kind === "manifest-put")).toHaveLength(31);
});

function expectAllThere({ store }: EcrEmulator): void {
  for (const { name, fixture } of family) {
    const repository = store.findRepository(prodAccount, region, name);
    expect(repository?.imageTags.get("1")).toBe(rootDigest(fixture));
    expect(missingBlobs(fixture, repository?.blobs)).toEqual([]);
  }
}

function missingBlobs({ blobs: wanted }: ImageFixture, there: ReadonlyMap<string, unknown> = new Map()) {
  return wanted.filter(({ digest }) => !there.has(digest));
}

/** Uploads that ended at the destination, and the bytes in them: as many as there are different blobs. */
function expectEachBlobOnce({ requests }: EcrEmulator): void {
  const sent = requests.filter(({ kind, status }) => kind === "upload-finish" && status === 201);
  expect(sent).toHaveLength(blobs.size);
  const bytes = requests
    .filter(({ kind }) => kind.startsWith("upload-"))
    .reduce((sum, { bytesIn }) => sum + bytesIn, 0);
  expect(bytes).toBe([...blobs.values()].reduce((sum, size) => sum + size, 0));
}

async function timed<T extends object>(work: () => Promise<T>): Promise<T & { readonly ms: number }> {
  const begun = performance.now();
  const done = await work();
  return { ...done, ms: performance.now() - begun };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
