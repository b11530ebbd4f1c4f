import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulatorProcess, type WorkerSetup } from "../scale/emulator-process.ts";
import { measurePromoter } from "../scale/promoter-process.ts";
import { prodHost } from "../scenarios/two-accounts.ts";
import { buildProgram, type Program } from "./program.ts";

const MiB = 1024 ** 2;
/** LARGE_GIB=5 is a layer of 5 GiB on connections that break every 100 MiB. */
const gib = Number(process.env.LARGE_GIB ?? 0);
const layerBytes = gib > 0 ? gib * 1024 * MiB : 128 * MiB;
const dropBytes = gib > 0 ? 100 * MiB : 36 * MiB;
const chunkBytes = 16 * MiB;
const timeout = gib > 0 ? 1_200_000 : 60_000;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program?.[Symbol.asyncDispose]());

describe(`a layer of ${layerBytes / MiB} MiB over connections that break every ${dropBytes / MiB} MiB`, () => {
  it("goes on where the source's broke", { timeout }, async () => {
    const effect = { do: "reset-after-response-bytes", bytes: dropBytes } as const;
    const { look, line } = await promote({ faults: [{ match: { kind: "storage" }, effect }] });
    console.log(`source breaks every ${dropBytes / MiB} MiB: ${line}`);
    expect(look.requests.storage).toBeGreaterThanOrEqual(Math.floor(layerBytes / dropBytes));
    expect(look.bytesTaken).toBeLessThan(layerBytes + MiB);
    // What was on its way when a connection broke.
    expect(look.bytesGiven - layerBytes).toBeLessThan((layerBytes / dropBytes) * 2 * MiB);
  });

  it("goes on chunk by chunk where the destination's broke", { timeout }, async () => {
    const { look, line } = await promote({ uploadDropBytes: dropBytes });
    console.log(`destination breaks every ${dropBytes / MiB} MiB: ${line}`);
    expect(look.drops).toBeGreaterThanOrEqual(Math.floor(layerBytes / dropBytes));
    // Two uploads as a whole, then no more than one chunk for each connection.
    const most = 2 * dropBytes + Math.ceil(layerBytes / (dropBytes - chunkBytes)) * chunkBytes;
    expect(look.bytesTaken - layerBytes).toBeLessThan(most);
  });
});

async function promote(setup: Omit<WorkerSetup, "images">) {
  const images = [{ repository: "team/large", layers: [layerBytes] }];
  await using registries = await startEmulatorProcess({ images, ...setup });
  const run = await measurePromoter(program.file, ["promote", `${prodHost}/team/large:1`], registries.env);
  if (run.code !== 0) throw new Error(`ended with ${run.code}: ${run.stdout}${run.stderr}`);
  const look = await registries.look();
  expect(look.tags).toEqual(registries.digests);
  const again = (bytes: number) => `${((bytes - layerBytes) / MiB).toFixed(0)} MiB`;
  const line =
    `${layerBytes / MiB} MiB in ${(run.ms / 1_000).toFixed(0)} s, ${again(look.bytesGiven)} read again, ` +
    `${again(look.bytesTaken)} sent again, ${(run.peakBytes / MiB).toFixed(0)} MiB of memory`;
  return { look, line };
}
