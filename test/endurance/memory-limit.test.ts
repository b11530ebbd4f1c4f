import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulatorProcess, type WorkerSetup } from "../scale/emulator-process.ts";
import { memoryGroup } from "../scale/memory-cgroup.ts";
import { type MeasuredRun, measurePromoter } from "../scale/promoter-process.ts";
import { prodHost } from "../scenarios/two-accounts.ts";
import { buildProgram, type Program } from "./program.ts";

const MiB = 1024 ** 2;
const limitBytes = 128 * MiB;
/** MEMORY_FULL=true is 1,000 images, and eight layers of 1 GiB. */
const full = process.env.MEMORY_FULL === "true";
const imageCount = full ? 1_000 : 100;
const layerBytes = full ? 1024 * MiB : 32 * MiB;
const timeout = full ? 1_800_000 : 60_000;
/** The heap is a part of the memory: buffers of transfers, code and stacks come on top. */
const node = ["--max-old-space-size=64"];

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program?.[Symbol.asyncDispose]());

describe("under a limit of 128 MiB", () => {
  it(`${imageCount} images that share layers are promoted`, { timeout }, async () => {
    const images = Array.from({ length: imageCount }, (_, position) => ({
      repository: `team-${position % 10}/service-${position}`,
      layers: [3_000 + position],
      shares: true,
    }));
    const { run, limit } = await promote({ images });
    console.log(`${imageCount} images with shared layers: ${figures(run)}, the limit ${limit}`);
    expect(run.peakOwnBytes).toBeLessThan(limitBytes);
  });

  it(`eight layers of ${layerBytes / MiB} MiB are promoted as fast as they are taken`, {
    timeout,
  }, async () => {
    const layers = Array.from({ length: 8 }, () => layerBytes);
    const images = [{ repository: "team/eight", layers }];
    const slow = {
      match: { kind: "upload-finish" },
      effect: { do: "slow-intake", bytesPerSecond: 24 * MiB },
    } as const;
    const { run, look } = await promote({ images, faults: full ? [] : [slow] });
    const bytes = 8 * layerBytes;
    console.log(
      `8 layers of ${layerBytes / MiB} MiB: ${figures(run)}, ${(bytes / MiB / (run.ms / 1_000)).toFixed(0)} MiB/s, ` +
        `at most ${(look.mostUnderway / MiB).toFixed(0)} MiB read and not yet taken, kernel buffers included`,
    );
    expect(look.bytesTaken).toBeGreaterThan(bytes);
    expect(run.peakOwnBytes).toBeLessThan(limitBytes);
    // The buffers of both registries and of the kernel, by far the most of it, count for each layer.
    expect(look.mostUnderway).toBeLessThan(8 * 32 * MiB);
    expect(look.mostUnderway).toBeLessThan(bytes / 2);
  });
});

async function promote(setup: WorkerSetup) {
  await using registries = await startEmulatorProcess(setup);
  const names = setup.images.map(({ repository }) => `${prodHost}/${repository}:1`);
  await using group = await memoryGroup(limitBytes);
  const run = await measurePromoter(program.file, ["promote", ...names], registries.env, { node, group });
  if (run.code !== 0)
    throw new Error(`ended with ${run.code}: ${run.stdout.slice(-2_000)}${run.stderr.slice(-2_000)}`);
  const look = await registries.look();
  const limit = group === undefined ? "no control group" : `met ${await group.refusals()} times`;
  expect(look.tags).toEqual(registries.digests);
  return { run, look, limit };
}

function figures({ peakBytes, peakOwnBytes, ms }: MeasuredRun): string {
  const [own, all] = [peakOwnBytes, peakBytes].map((bytes) => (bytes / MiB).toFixed(0));
  return `${(ms / 1_000).toFixed(0)} s, at most ${own} MiB of memory of its own (${all} MiB with code mapped from files)`;
}
