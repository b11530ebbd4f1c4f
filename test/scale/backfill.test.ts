import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PromotionReport } from "../../job/promotion/report.ts";
import { buildBundle } from "../../scripts/build.ts";
import { prodHost } from "../scenarios/two-accounts.ts";
import { type BackfillRegistries, nameOfImage, startBackfillRegistries } from "./backfill-registries.ts";
import { type MeasuredRun, measurePromoter } from "./promoter-process.ts";

const MiB = 1024 ** 2;
/** BACKFILL_IMAGES=20000 is the heavy form. */
const images = Number(process.env.BACKFILL_IMAGES ?? 300);
const shards = 3;
const minutes = Math.ceil(images / 500) + 1;
const setup = {
  images,
  repositories: Math.max(20, Math.ceil(images / 40)),
  // AWS raises it for whoever moves so much: by its default these few would take more than half a minute.
  putImagePerSecond: 1_000,
};

let folder: string;
let bundle: string;
let list: string;
let registries: BackfillRegistries;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "backfill-"));
  list = join(folder, "images.txt");
  const names = Array.from({ length: images }, (_, number) => `${prodHost}/${nameOfImage(number, setup)}\n`);
  await writeFile(list, names.join(""));
  [{ file: bundle }, registries] = await Promise.all([
    buildBundle({
      root: new URL("../..", import.meta.url).pathname,
      outputFolder: join(folder, "dist"),
    }),
    startBackfillRegistries(setup),
  ]);
}, minutes * 60_000);
afterAll(async () => {
  await registries?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe(`${images} images in ${shards} processes`, () => {
  it("are each promoted once and none is missing, though one process is killed", {
    timeout: minutes * 60_000,
  }, async () => {
    const begun = performance.now();
    const runs = await Promise.all([runShard(0), runKilledShard(1), runShard(2)]);
    const seconds = (performance.now() - begun) / 1_000;
    const look = await registries.look();
    for (const { code, stderr } of runs)
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(look).toMatchObject({ there: images, strange: 0, put: images, putTwice: 0 });

    const reports = runs.map(({ stdout }): PromotionReport => JSON.parse(stdout));
    const reported = reports.flatMap((report) => report.images.map(({ destination }) => destination));
    expect(reported).toHaveLength(images);
    expect(new Set(reported).size).toBe(images);
    const [first, restarted, last] = reports.map(({ summary }) => summary);
    expect(first?.copied).toBe(first?.images);
    expect(last?.copied).toBe(last?.images);
    // What it had done before it was killed is not done again.
    expect(restarted?.upToDate).toBeGreaterThan(0);
    expect((restarted?.copied ?? 0) + (restarted?.upToDate ?? 0)).toBe(restarted?.images);
    // Three processes that each took all of a quota would meet hundreds of refusals.
    expect(look.throttled).toBeLessThan(images / 50 + 3);
    const peak = Math.max(...runs.map(({ peakBytes }) => peakBytes)) / MiB;
    console.log(
      `backfill: ${images} images, ${(look.requests / images).toFixed(1)} requests an image, ${seconds.toFixed(1)} s, ${peak.toFixed(0)} MiB at most, ${look.throttled} answers of 429; ${JSON.stringify(look.byKind)}`,
    );
  });

  it("once there cost two requests each, and a page of tags for a repository when that is listed first", {
    timeout: minutes * 60_000,
  }, async () => {
    const before = await registries.look();
    expect(JSON.parse((await runShard(0)).stdout).summary).toMatchObject({ copied: 0, failed: 0 });
    const asked = await registries.look();
    const { summary } = JSON.parse((await runShard(0, { PROMOTER_MISSING_ONLY: "true" })).stdout);
    const listed = await registries.look();
    const own = summary.images;
    expect(summary).toMatchObject({ kept: own, copied: 0 });
    // Tokens and what tells how to log in come on top.
    expect(asked.requests - before.requests - 2 * own).toBeLessThanOrEqual(4);
    expect(listed.requests - asked.requests).toBeLessThanOrEqual(setup.repositories + 4);
    expect(listed.byKind["manifest-put"]).toBe(before.byKind["manifest-put"]);
    console.log(
      `backfill, nothing to do: ${own} images, ${asked.requests - before.requests} requests; listed first ${listed.requests - asked.requests}`,
    );
  });
});

/** Runs a shard as its pod in an Indexed Job would. */
async function runShard(
  index: number,
  env: Readonly<Record<string, string>> = {},
  watch?: (pid: number) => void,
): Promise<MeasuredRun> {
  const args = ["promote", "-o", "json", "--images-file", list];
  const ours = {
    ...registries.env,
    PROMOTER_SHARDS: String(shards),
    JOB_COMPLETION_INDEX: String(index),
    PROMOTER_ECR_QUOTA: `PutImage=${setup.putImagePerSecond}`,
    ...env,
  };
  return measurePromoter(bundle, args, ours, watch && { watch });
}

/** The same, killed when about a third of all tags are there, and begun anew as Kubernetes would. */
async function runKilledShard(index: number): Promise<MeasuredRun> {
  let pid = 0;
  const running = runShard(index, {}, (id) => {
    pid = id;
  });
  while ((await registries.progress()) < images / 3) await setTimeout(50);
  process.kill(pid, "SIGKILL");
  expect((await running).code).toBe(-1);
  return runShard(index);
}
