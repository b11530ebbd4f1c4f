import process from "node:process";
import { hugeImage, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodAccount, twoAccounts } from "../scenarios/two-accounts.ts";
import type { WorkerImage, WorkerLook, WorkerReady } from "./emulator-process.ts";

/**
 * Two accounts in a process of their own, so that only the promotion counts where memory is measured. Takes the images
 * as its argument, says when it is ready, answers each message with how things are, and ends with its parent.
 */
const images: readonly WorkerImage[] = JSON.parse(process.argv[2] ?? "[]");
const world = await twoAccounts({ discardBlobsAboveBytes: 16 * 1024 * 1024 });
const digests = images.map(({ repository, layerBytes }, position) => {
  const fixture = placeImage(world.dev(repository), hugeImage(layerBytes, { seed: position + 1 }), {
    tags: ["1"],
  });
  world.prod(repository);
  return rootDigest(fixture);
});

process.on("message", () => {
  const look: WorkerLook = {
    tags: images.map(({ repository }) => world.prod(repository).imageTags.get("1")),
    bytesTaken: world.emulator.requests
      .filter(({ account, kind }) => account === prodAccount && kind.startsWith("upload-"))
      .reduce((sum, { bytesIn }) => sum + bytesIn, 0),
  };
  process.send?.(look);
});
process.on("disconnect", () => process.exit(0));
const ready: WorkerReady = { env: world.env, digests };
process.send?.(ready);
