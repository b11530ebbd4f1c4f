import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type Bench, copyBenches } from "./bench/copy-rows.ts";
import { requestsRow, seedsWayRow } from "./bench/ecr-rows.ts";
import { firstRequest } from "./bench/first-request.ts";
import { fleetRows } from "./bench/fleet-rows.ts";
import { measureGrowth } from "./bench/growth.ts";
import { openLaboratory } from "./bench/laboratory.ts";
import { measureLimits } from "./bench/limits.ts";
import { peakMemory } from "./bench/memory.ts";
import { benchmarksPage, rowsTable } from "./bench/page.ts";
import { plotGrowth } from "./bench/plot.ts";
import type { Row } from "./bench/row.ts";
import { versions } from "./bench/versions.ts";

const benches: Readonly<Record<string, Bench>> = {
  ...copyBenches,
  memory: peakMemory,
  start: firstRequest,
  "seeds-way": seedsWayRow,
  requests: requestsRow,
  fleet: fleetRows,
};

const usage = `Usage: npm run bench -- [options]

Measures this program and every peer that is installed (scripts/tools.sh) on the same work, and writes
docs/benchmarks.md. It needs Go and docker-registry, and a machine that does nothing else.

  --rounds N    how often everybody runs (default 7)
  --quick       three rounds
  --large       layers of 5 GiB, too
  --only NAME   one kind of work, may be repeated; prints its table, and writes nothing:
                ${Object.keys(benches).join(", ")}, growth
  --help
`;

interface Wishes {
  readonly rounds: number;
  readonly large: boolean;
  /** Nothing where everything is wanted. */
  readonly only: readonly string[];
}

/** @throws {TypeError} naming the option that is wrong. */
function readWishes(): Wishes | undefined {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      large: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError(`--rounds ${values.rounds} is no number`);
  const strange = values.only.find((name) => name !== "growth" && benches[name] === undefined);
  if (strange !== undefined) throw new TypeError(`--only ${strange} is no kind of work`);
  return { rounds, large: values.large, only: values.only };
}

async function run({ rounds, large, only }: Wishes): Promise<void> {
  const begun = performance.now();
  const [load = 0] = loadavg();
  if (load > 1) say(`something else is running (load ${load.toFixed(1)}): times will be too long`);
  const found = await versions();
  for (const [name, version] of found) if (version === "missing") say(`${name} is missing`);
  await using laboratory = await openLaboratory({ rounds, large });
  const limits = await measureLimits(laboratory.home);
  const wanted = (name: string) => only.length === 0 || only.includes(name);
  const rows: Row[] = [];
  for (const [name, bench] of Object.entries(benches).filter(([each]) => wanted(each))) {
    const started = performance.now();
    rows.push(...(await bench(laboratory, limits)));
    say(`${name}: ${secondsSince(started)}`);
  }
  const growth = wanted("growth") ? await measureGrowth(laboratory) : undefined;
  const page = benchmarksPage({ rows, versions: found, rounds, load, growth }, new Date());
  if (only.length === 0 && growth !== undefined) {
    const docs = join(dirname(import.meta.dirname), "docs");
    await writeFile(join(docs, "benchmarks.md"), page);
    await writeFile(join(docs, "benchmarks.svg"), plotGrowth(growth));
    say(`docs/benchmarks.md is written, after ${secondsSince(begun)}`);
  }
  process.stdout.write(only.length === 0 || growth !== undefined ? page : `${rowsTable(rows)}\n`);
}

function secondsSince(moment: number): string {
  return `${((performance.now() - moment) / 1_000).toFixed(0)} s`;
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

async function main(): Promise<number> {
  let wishes: Wishes | undefined;
  try {
    wishes = readWishes();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (wishes === undefined) process.stdout.write(usage);
  else await run(wishes);
  return 0;
}

process.exitCode = await main();
