import process from "node:process";
import { ecrQuotas } from "../emulator/emulator-options.ts";
import { type ImageFixture, image, rootDigest } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { devAccount, prodAccount, region, twoAccounts } from "../scenarios/two-accounts.ts";
import { type BackfillLook, type BackfillSetup, nameOfImage } from "./backfill-registries.ts";

/** Two accounts of very many images. Takes its setup as its argument, says when it is ready, and ends with its parent. */
const setup: BackfillSetup = JSON.parse(process.argv[2] ?? "{}");
const world = await twoAccounts({ rateLimits: { ...ecrQuotas, PutImage: setup.putImagePerSecond } });
const { emulator } = world;
// To list the destination before anything is asked of it.
world.allow("ecr:ListImages");
for (let number = 0; number < setup.images; number += 1) {
  const [repository = "", tag = ""] = nameOfImage(number, setup).split(":");
  placeImage(world.dev(repository), buildImage(number), { tags: [tag] });
  world.prod(repository);
}

const byKind = new Map<string, number>();
const putsByTag = new Map<string, number>();
let throttled = 0;

// Hundreds of thousands of requests are counted and let go.
const timer = setInterval(count, 100);
timer.unref();

process.on("message", (asked) => process.send?.(asked === "progress" ? tagsThere() : look()));
process.on("disconnect", () => process.exit(0));
process.send?.({ env: world.env });

function buildImage(number: number): ImageFixture {
  const base = layerArchive(300, 1_000_000 + (number % setup.repositories));
  return image({ base: [base], layers: [], seed: number + 1 });
}

function count(): void {
  for (const { kind, status, path } of emulator.requests) {
    byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    if (status === 429) throttled += 1;
    else if (kind === "manifest-put") putsByTag.set(path, (putsByTag.get(path) ?? 0) + 1);
  }
  emulator.clearRequests();
}

/** How many tags the destination has, whatever they stand for. */
function tagsThere(): number {
  let tags = 0;
  for (let number = 0; number < setup.repositories; number += 1) {
    const [name = ""] = nameOfImage(number, setup).split(":");
    tags += emulator.store.findRepository(prodAccount, region, name)?.imageTags.size ?? 0;
  }
  return tags;
}

function look(): BackfillLook {
  count();
  let there = 0;
  for (let number = 0; number < setup.images; number += 1) if (isThere(number)) there += 1;
  const puts = [...putsByTag.values()];
  return {
    there,
    strange: tagsThere() - there,
    put: puts.length,
    putTwice: puts.filter((times) => times > 1).length,
    requests: [...byKind.values()].reduce((sum, met) => sum + met, 0),
    byKind: Object.fromEntries(byKind),
    throttled,
  };
}

function isThere(number: number): boolean {
  const [name = "", tag = ""] = nameOfImage(number, setup).split(":");
  const [from, to] = [devAccount, prodAccount].map((account) =>
    emulator.store.findRepository(account, region, name),
  );
  const digest = from?.imageTags.get(tag);
  if (digest === undefined || to?.imageTags.get(tag) !== digest) return false;
  const { digest: built, blobs } = imageOf(number);
  return digest === built && to.manifests.has(digest) && blobs.every((blob) => to.blobs.has(blob));
}

function imageOf(number: number) {
  const fixture = buildImage(number);
  return { digest: rootDigest(fixture), blobs: fixture.blobs.map(({ digest }) => digest) };
}
