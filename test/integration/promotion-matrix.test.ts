import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../job/oci/digest.ts";
import { rootDigest } from "../fixtures/image-fixture.ts";
import { describeWithTool } from "../tool.ts";
import { type MatrixRow, type Placed, promotionMatrix } from "./promotion-matrix.ts";
import { expectWhole, readManifest } from "./read-over-http.ts";
import { expectReferrers, putReferrers } from "./referrers-over-http.ts";
import { openWorld, type Side, type World, type WorldKind } from "./world.ts";

describe("the emulator as ECR", () => runMatrix("ecr"));
describe("the emulator by the specification", () => runMatrix("strict"));
describeWithTool("docker-registry", () => runMatrix("distribution"));

function runMatrix(kind: WorldKind): void {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(kind);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it.each(promotionMatrix.map((row) => [titleOf(row, kind), row] as const))("%s", async (_title, row) => {
    const departure = row.departures?.[kind];
    const repository = `matrix/${row.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
    const names = (row.images ?? [":1"]).map((image) => `${world.destination.host}/${repository}${image}`);
    if (departure?.refusesSource !== undefined) {
      await expect(putAll(world.source, repository, row.source)).rejects.toThrow(departure.refusesSource);
      return;
    }
    await putAll(world.source, repository, row.source);
    await putReferrers(world, repository, row.referrers ?? []);
    for (const under of underOf(row)) world.destination.open(repository + under);
    await putAll(world.destination, repository, row.destination ?? []);

    const expected = departure?.expected ?? row.expected;
    const first = await world.promote(names);
    expect(first.report.images).toMatchObject(expected.images);
    expect(first.code).toBe(expected.code);
    if (first.code === 0) {
      await expectThere(world, repository, row);
      await expectNothingSent(world, names);
    } else {
      const open = world.destination.open(repository);
      expect(await readManifest(open, "1")).toBeUndefined();
    }
  });
}

function titleOf({ name, departures }: MatrixRow, kind: WorldKind): string {
  const why = departures?.[kind]?.why;
  return why === undefined ? name : `${name} (${why})`;
}

function underOf({ source }: MatrixRow): readonly string[] {
  return [...new Set(source.map(({ under = "" }) => under))];
}

async function putAll(side: Side, repository: string, content: readonly Placed[]): Promise<void> {
  for (const { fixture, tags, under = "" } of content) await side.put(repository + under, fixture, tags);
}

/** The destination has every byte, under the tags that it should have. */
async function expectThere({ kind, destination }: World, repository: string, row: MatrixRow): Promise<void> {
  for (const { fixture, tags, under = "" } of row.after ?? row.source) {
    const address = destination.open(repository + under);
    await expectWhole(address, fixture);
    for (const tag of tags) {
      const tagged = await readManifest(address, tag);
      expect(tagged && digestOf(tagged.bytes)).toBe(rootDigest(fixture));
    }
  }
  const address = destination.open(repository);
  for (const [, referrer] of row.referrers ?? []) await expectWhole(address, referrer);
  await expectReferrers(kind, address, row.referrers ?? []);
}

/** Asking again finds everything, and changes nothing anywhere. */
async function expectNothingSent(world: World, names: readonly string[]): Promise<void> {
  const writes = world.writes();
  const again = await world.promote(names);
  expect(again.code).toBe(0);
  for (const { status } of again.report.images) expect(status).toMatch(/^(up-to-date|kept)$/);
  expect(again.report.summary).toMatchObject({ bytesCopied: 0, bytesMounted: 0 });
  expect(world.writes()).toBe(writes);
}
