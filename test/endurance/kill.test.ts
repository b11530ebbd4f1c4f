import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../emulator/faults.ts";
import { rootDigest } from "../fixtures/image-fixture.ts";
import { bigLayer, type FleetImage, fleet, manifestsOf } from "./fleet.ts";
import { type Killed, type KillSignal, killAndRerun, type Moment } from "./kill.ts";
import { buildProgram, type Program, startProgram } from "./program.ts";
import { openShipyard, type Shipyard, type ShipyardOptions } from "./shipyard.ts";
import { writesOf } from "./stocktaking.ts";

/** How many processes are killed in all; `KILLS=100` is the long form. `KILL_SEED` chooses other moments. */
const kills = Number(process.env.KILLS ?? 20);
const seed = Number(process.env.KILL_SEED ?? 20);
const signals = ["SIGKILL", "SIGTERM"] as const;

const outcomes: (Killed & { readonly signal: KillSignal })[] = [];
let program: Program;
let requestsOfAll: number;

beforeAll(async () => {
  program = await buildProgram();
  // Where blobs are mounted the fewest requests are made.
  await using yard = await openShipyard({ mounting: true });
  expect(await startProgram(program, yard).ended).toMatchObject({ code: 0 });
  requestsOfAll = yard.world.emulator.requests.length;
});
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  console.log(summary());
});

async function kill(signal: KillSignal, moment: Moment, options: ShipyardOptions = {}): Promise<Killed> {
  const outcome = await killAndRerun(program, signal, moment, options);
  outcomes.push({ ...outcome, signal });
  expect(outcome.problems).toEqual([]);
  return outcome;
}

interface Checkpoint extends Moment {
  readonly name: string;
  readonly image: FleetImage;
  /** What the next run has to put, and nothing else. */
  readonly left: readonly string[];
}

const [multi, attached, big, pinned] = [
  fleetImage("team/web", "1.0"),
  fleetImage("team/signed", "2"),
  fleetImage("team/big", "1"),
  fleetImage("team/pinned"),
];

const checkpoints: readonly Checkpoint[] = [
  {
    name: "before the first HEAD",
    image: multi,
    at: { kind: "manifest-head" },
    effect: { do: "stall" },
    left: [...blobsOf(multi), ...membersOf(multi), "team/web:1.0"],
  },
  {
    name: "in the middle of a blob",
    image: big,
    at: { kind: "storage", path: new RegExp(bigLayer.slice("sha256:".length)) },
    effect: { do: "stall", afterBytes: 300_000 },
    when: (yard) =>
      yard.production.get("team/big")?.blobs.size === big.fixture.blobs.length - 1 && halfIsThere(yard),
    left: [`team/big@${bigLayer}`, "team/big:1"],
  },
  {
    name: "after the blobs, before the first member of an index",
    image: multi,
    at: { kind: "manifest-put" },
    effect: { do: "stall" },
    when: ({ production }) => production.get("team/web")?.blobs.size === blobsOf(multi).length,
    left: [...membersOf(multi), "team/web:1.0"],
  },
  {
    name: "after the members, before their index",
    image: multi,
    at: { kind: "manifest-put", path: /\/manifests\/1\.0$/ },
    effect: { do: "stall" },
    left: ["team/web:1.0"],
  },
  {
    name: "after index and attachments, before the tag",
    image: attached,
    at: { kind: "manifest-put", path: /\/manifests\/2$/ },
    effect: { do: "stall" },
    left: ["team/signed:2"],
  },
  {
    name: "after the tag, before the end",
    image: attached,
    at: { kind: "manifest-put", path: /\/manifests\/2$/ },
    effect: { do: "withhold-response" },
    when: ({ production }) => production.get("team/signed")?.imageTags.has("2") === true,
    left: [],
  },
  {
    name: "after the attachments, before what is wanted by its digest alone",
    image: pinned,
    at: { kind: "manifest-put", path: new RegExp(`/${rootDigest(pinned.fixture)}$`) },
    effect: { do: "stall" },
    left: [`team/pinned@${rootDigest(pinned.fixture)}`],
  },
];

describe.concurrent.each(signals)("%s", { timeout: 120_000 }, (signal) => {
  it.each(checkpoints)("$name", async ({ image, left, ...moment }) => {
    const { rerun, ending, uploadsLeft } = await kill(signal, moment, { images: [image] });
    expect(writesOf(rerun).toSorted()).toEqual(left.toSorted());
    expect(ending.code).toBe(signal === "SIGKILL" ? undefined : 143);
    if (signal === "SIGTERM") expect(uploadsLeft).toBe(0);
  });
});

interface RandomKill {
  readonly name: string;
  readonly signal: KillSignal;
  /** From 0 to 1: which of all requests it is. */
  readonly progress: number;
  readonly moment: Omit<Moment, "at">;
  readonly options: ShipyardOptions;
}

describe.concurrent(`at any moment, by seed ${seed}`, { timeout: 120_000 }, () => {
  it.each(randomKills(Math.max(1, kills - signals.length * checkpoints.length)))(
    "$name",
    async ({ signal, progress, moment, options }) => {
      const nth = 1 + Math.floor(progress * requestsOfAll);
      await kill(signal, { ...moment, at: { nth, times: 1 } }, options);
    },
  );
});

function randomKills(count: number): readonly RandomKill[] {
  const random = seededRandom(seed);
  const oneOf = <T>(choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0];
  return Array.from({ length: count }, (_, position) => {
    const signal = oneOf(signals);
    const progress = random();
    const afterMs = oneOf([0, 0, 5, 30, 120]);
    const repositories = oneOf<"MUTABLE" | "IMMUTABLE" | "missing">(["MUTABLE", "IMMUTABLE", "missing"]);
    const mounting = oneOf([true, false]);
    const effect = oneOf<Moment["effect"]>([
      { do: "stall" },
      { do: "withhold-response" },
      { do: "stall", afterBytes: oneOf([1, 700, 10_000]) },
    ]);
    const where = `${effect.do} at ${(progress * 100).toFixed(1)} %, ${afterMs} ms later`;
    return {
      name: `${position + 1}: ${signal}, ${where}, ${repositories}${mounting ? ", mounting" : ""}`,
      signal,
      progress,
      moment: { effect, afterMs },
      options: { repositories, mounting, emulator: { latencyMs: 2 } },
    };
  });
}

function fleetImage(repository: string, tag?: string): FleetImage {
  const image = fleet.find((one) => one.repository === repository && one.tag === tag);
  if (image === undefined) throw new Error(`the fleet has no ${repository}:${tag}`);
  return image;
}

function blobsOf({ repository, fixture }: FleetImage): readonly string[] {
  return [...new Set(fixture.blobs.map(({ digest }) => `${repository}@${digest}`))];
}

/** All manifests but the root. */
function membersOf(image: FleetImage): readonly string[] {
  const root = rootDigest(image.fixture);
  return manifestsOf(image).flatMap((digest) => (digest === root ? [] : `${image.repository}@${digest}`));
}

function halfIsThere({ production }: Shipyard): boolean {
  const uploads = [...(production.get("team/big")?.uploads.values() ?? [])];
  return uploads.some(({ size }) => size >= 200_000);
}

function summary(): string {
  const of = (signal: KillSignal) => outcomes.filter((outcome) => outcome.signal === signal).length;
  const slowest = Math.max(...outcomes.map(({ endedAfterMs }) => endedAfterMs));
  const left = outcomes
    .filter(({ signal }) => signal === "SIGTERM")
    .reduce((sum, one) => sum + one.uploadsLeft, 0);
  const troubled = outcomes.filter(({ problems }) => problems.length > 0).length;
  const escaped = outcomes.filter((one) => one.escaped).length;
  return (
    `Kill tests, seed ${seed}: ${outcomes.length} kills (${of("SIGKILL")} SIGKILL, ${of("SIGTERM")} SIGTERM; ` +
    `${escaped} came after the end), ${troubled} with something torn, lost, or left undone by the next run; ` +
    `SIGTERM ended within ${slowest.toFixed(0)} ms and left ${left} uploads whose opening was not answered`
  );
}
