import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildBundle } from "../../scripts/build.ts";
import { prodHost } from "../scenarios/two-accounts.ts";
import { type EmulatorProcess, startEmulatorProcess } from "./emulator-process.ts";
import { type MeasuredRun, measurePromoter } from "./promoter-process.ts";

const MiB = 1024 ** 2;
const small = 1 * MiB;
const large = 3 * 1024 * MiB;
const root = new URL("../..", import.meta.url).pathname;

let folder: string;
let bundle: string;
let registries: EmulatorProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "large-layer-"));
  const images = [
    { repository: "team/small", layers: [small] },
    { repository: "team/large", layers: [large] },
  ];
  const outputFolder = join(folder, "dist");
  [{ file: bundle }, registries] = await Promise.all([
    buildBundle({ root, outputFolder }),
    startEmulatorProcess({ images }),
  ]);
}, 120_000);
afterAll(async () => {
  await registries?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

it("a layer of 3 GiB takes no more memory than one of 1 MiB", { timeout: 180_000 }, async () => {
  const [smallRun, largeRun] = [await promote("team/small"), await promote("team/large")];
  const { tags, bytesTaken } = await registries.look();
  expect(tags).toEqual(registries.digests);
  expect(bytesTaken).toBeGreaterThan(large + small);
  const rate = large / MiB / (largeRun.ms / 1_000);
  console.log(`1 MiB: ${figures(smallRun)}; 3 GiB: ${figures(largeRun)}, ${rate.toFixed(0)} MiB/s`);
  expect(smallRun.peakBytes).toBeGreaterThan(30 * MiB);
  expect(largeRun.peakBytes - smallRun.peakBytes).toBeLessThan(40 * MiB);
});

async function promote(repository: string): Promise<MeasuredRun> {
  const run = await measurePromoter(bundle, ["promote", `${prodHost}/${repository}:1`], registries.env);
  if (run.code !== 0) throw new Error(`ended with ${run.code}: ${run.stdout}${run.stderr}`);
  return run;
}

function figures({ peakBytes, ms }: MeasuredRun): string {
  return `${(peakBytes / MiB).toFixed(0)} MiB, ${(ms / 1_000).toFixed(1)} s`;
}
