import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { PromotionReport } from "../../job/promotion/report.ts";
import { documentOf } from "../emulator/manifest-document.ts";
import { rootDigest } from "../fixtures/image-fixture.ts";
import { bigLayer, fleet, listTagOf } from "./fleet.ts";
import { buildProgram, type Program, startProgram } from "./program.ts";
import { openShipyard, type Shipyard, type ShipyardOptions } from "./shipyard.ts";
import {
  bytesSent,
  lostOrChanged,
  openUploads,
  stillWanted,
  takeStock,
  tornTags,
  writesOf,
} from "./stocktaking.ts";

let program: Program;

beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program[Symbol.asyncDispose]());

interface Run {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Promotes so many times at once: all succeed, and production looks as if there had been one. */
async function together(
  yard: Shipyard,
  count: number,
  promote: (yard: Shipyard) => Promise<Run>,
): Promise<void> {
  const before = takeStock(yard.production);
  const runs = await Promise.all(Array.from({ length: count }, () => promote(yard)));
  expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
  const after = takeStock(yard.production);
  expect(tornTags(yard.production)).toEqual([]);
  expect(stillWanted(yard.images, after)).toEqual([]);
  expect(lostOrChanged(before, after)).toEqual([]);
  expect(openUploads(yard.production)).toBe(0);
  const reports: PromotionReport[] = runs.map(({ stdout }) => JSON.parse(stdout));
  expect(reports.flatMap(({ images }) => images.flatMap(({ warnings }) => warnings))).toEqual([]);
}

const asProcess = (yard: Shipyard): Promise<Run> => startProgram(program, yard).ended;
const asCommand = ({ world, args }: Shipyard): Promise<Run> => world.run(args);

/** An index with attestations, one with referrers, what is wanted by digest, and a tag that moves: enough for a crowd. */
const few = fleet.filter(
  ({ repository, tag }) =>
    /(web|pinned|moving)$/.test(repository) || (repository === "team/signed" && tag === "2"),
);

const everyKind: readonly (ShipyardOptions & { readonly name: string })[] = [
  { name: "mutable repositories that share blobs", repositories: "MUTABLE", mounting: true },
  { name: "immutable repositories that each of them would make", repositories: "missing" },
  { name: "a registry without the referrers API", emulator: { referrersApi: false } },
];

describe("at once", { timeout: 120_000 }, () => {
  it.each(everyKind)("ten commands into $name", async ({ name, ...options }) => {
    const one = await alone(options);
    await using yard = await openShipyard({ ...options, images: few });
    await together(yard, 10, asCommand);
    const { requests } = yard.world.emulator;
    const times = bytesSent(requests) / one.bytes;
    console.log(`Ten promotions at once into ${name} sent ${times.toFixed(1)} times the bytes of one`);
    expect(times).toBeLessThanOrEqual(10);
    expect(writesOf(requests).length).toBeLessThanOrEqual(10 * one.writes);
    if (options.emulator?.referrersApi === false) expect(unlisted(yard)).toEqual([]);
    const again = await yard.world.run(yard.args);
    expect(JSON.parse(again.stdout).summary).toMatchObject({ upToDate: few.length, failed: 0 });
  });

  it.each(["MUTABLE", "IMMUTABLE"] as const)("two processes into %s repositories", async (repositories) => {
    await using yard = await openShipyard({ repositories });
    await together(yard, 2, asProcess);
  });

  it("ten processes that make immutable repositories", async () => {
    await using yard = await openShipyard({ repositories: "missing", images: few.slice(0, 2) });
    await together(yard, 10, asProcess);
  });

  it("whoever comes later sends only what is not there yet, and waits for nobody who hangs", async () => {
    await using yard = await openShipyard();
    const { world, production, args, images } = yard;
    const path = new RegExp(bigLayer.slice("sha256:".length));
    world.emulator.faults.add({ kind: "storage", path, times: 1 }, { do: "stall", afterBytes: 0 });
    const rest = images.filter(({ repository }) => repository !== "team/big");
    const stop = new AbortController();
    const first = world.run(args, { signal: stop.signal });
    await vi.waitFor(() => expect(stillWanted(rest, takeStock(production))).toEqual([]), {
      timeout: 30_000,
      interval: 20,
    });
    world.emulator.clearRequests();
    expect(await asCommand(yard)).toMatchObject({ code: 0 });
    expect(writesOf(world.emulator.requests)).toEqual([`team/big@${bigLayer}`, "team/big:1"]);
    stop.abort();
    expect((await first).code).not.toBe(0);
    expect(openUploads(production)).toBe(0);
    expect(tornTags(production)).toEqual([]);
  });
});

/** Bytes and writes of one promotion that has the place to itself. */
async function alone(options: ShipyardOptions) {
  await using yard = await openShipyard({ ...options, images: few });
  await together(yard, 1, asCommand);
  const { requests } = yard.world.emulator;
  return { bytes: bytesSent(requests), writes: writesOf(requests).length };
}

/** Referrers that the list of their subject does not name. */
function unlisted({ production }: Shipyard): readonly string[] {
  return few.flatMap(({ repository: name, attached = [] }) => {
    const repository = production.get(name);
    return attached
      .filter((fixture) => {
        const list = repository?.manifests.get(repository.imageTags.get(listTagOf(fixture)) ?? "sha256:");
        return list === undefined || !documentOf(list).children.includes(rootDigest(fixture));
      })
      .map((fixture) => `${name}@${rootDigest(fixture)}`);
  });
}
