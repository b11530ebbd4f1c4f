import process from "node:process";
import { droppingLink } from "../endurance/dropping-link.ts";
import { hugeImage, image, rootDigest } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodAccount, twoAccounts } from "../scenarios/two-accounts.ts";
import type { WorkerImage, WorkerLook, WorkerReady, WorkerSetup } from "./emulator-process.ts";

/**
 * Two accounts in a process of their own, so that only the promotion counts where memory is measured. Takes its setup
 * as its argument, says when it is ready, answers each message with how things are, and ends with its parent.
 */
const setup: WorkerSetup = JSON.parse(process.argv[2] ?? "{}");
const world = await twoAccounts({ discardBlobsAboveBytes: 16 * 1024 * 1024 });
const { emulator } = world;
const shared = [400_000, 100_000, 20_000].map((size, position) => layerArchive(size, 700 + position));
const digests = setup.images.map((wanted, position) => {
  const fixture = placeImage(world.dev(wanted.repository), build(wanted, position + 1), { tags: ["1"] });
  world.prod(wanted.repository);
  return rootDigest(fixture);
});
for (const { match, effect } of setup.faults ?? []) emulator.faults.add(match, effect);
const { uploadDropBytes } = setup;
const link =
  uploadDropBytes === undefined ? undefined : await droppingLink(new URL(emulator.url), uploadDropBytes);

let mostUnderway = 0;
const timer = setInterval(() => {
  const { given, taken } = passed();
  mostUnderway = Math.max(mostUnderway, given - taken);
}, 20);
timer.unref();

process.on("message", () => {
  const { given, taken } = passed();
  const look: WorkerLook = {
    tags: setup.images.map(({ repository }) => world.prod(repository).imageTags.get("1")),
    bytesTaken: taken,
    bytesGiven: given,
    mostUnderway,
    drops: link?.drops ?? 0,
    requests: Object.fromEntries(
      [...Map.groupBy(emulator.requests, ({ kind }) => kind)].map(([kind, met]) => [kind, met.length]),
    ),
  };
  process.send?.(look);
});
process.on("disconnect", () => process.exit(0));
const env = link === undefined ? world.env : throughLink(link.url);
const ready: WorkerReady = { env, digests };
process.send?.(ready);

function build({ layers, shares }: WorkerImage, seed: number) {
  return shares === true ? image({ base: shared, layers, seed }) : hugeImage(layers, { seed });
}

function throughLink(url: string): Readonly<Record<string, string>> {
  return { ...world.env, PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=${url}` };
}

function passed(): { readonly given: number; readonly taken: number } {
  let [given, taken] = [0, 0];
  for (const { kind, account, bytesIn, bytesOut } of emulator.requests) {
    if (kind === "storage") given += bytesOut;
    else if (account === prodAccount && kind.startsWith("upload-")) taken += bytesIn;
  }
  return { given, taken };
}
