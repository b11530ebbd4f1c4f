import { cpus, totalmem } from "node:os";
import process from "node:process";
import { far } from "./far-network.ts";
import type { Growth } from "./growth.ts";
import { sizeOf } from "./memory.ts";
import { type Row, seconds } from "./row.ts";

/** Everything that a run found out. */
export interface Findings {
  readonly rows: readonly Row[];
  /** Programs with their versions; those that are missing say so. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  readonly rounds: number;
  /** How many processes wanted a processor when the run began. */
  readonly load: number;
  readonly growth: Growth | undefined;
}

/** Above this something else was running. */
const busy = 1;
const disturbed = " **Something else was running: these times are no measure of anybody.**";

/** The findings as a page; only the numbers in it differ from run to run. */
export function benchmarksPage(findings: Findings, date: Date): string {
  return `# Benchmarks

Whole processes from start to exit: medians of ${findings.rounds} rounds, half as many where copies are heavy. In each
round everybody runs once, each round begins with another, and a ratio is the median of the rounds' ratios. Two
registries (distribution 2.8) run on the same machine. *Near* is loopback; *far* has a round trip of
${far.roundTripMs} ms and carries ${far.mibPerSecond} MiB/s per connection and direction. *small* is an index of two platforms with
attestations and five layers of 0.2 MiB each, *big* the same with six layers of 40 MiB each. Every tool has its defaults;
\`crane\` runs eight at a time where there are many images, and \`regsync\` looks for signatures and referrers where
requests are counted. \`npm run bench\` makes this page, with \`-- --large\` for layers of 5 GiB, too.

${machine(date, findings.load)}

${rowsTable(findings.rows)}

A limit is what cannot be undercut, whoever does it: round trips that have to follow on one another, what one connection
has to carry, hashing each byte once, or a Node that does nothing. Registries and network run on the same machine: what
they took of its processors while we ran is a limit too, of the machine and not of the work.

## Programs

${table(["program", "version"], findings.versions)}
${findings.growth === undefined ? "" : growthSection(findings.growth)}`;
}

/** The table alone. */
export function rowsTable(rows: readonly Row[]): string {
  return table(
    ["work", "medians", "to the best peer", "reach", "met", "limit"],
    rows.map(({ work, results, ratio, reach, met, limit }) => [
      work,
      results.map(({ name, value }) => `${name} ${value}`).join("<br>"),
      ratio === undefined ? "" : `${ratio.value.toFixed(2)} (${ratio.to})`,
      reach,
      met === undefined ? "not measured" : met ? "yes" : "**no**",
      limit,
    ]),
  );
}

function growthSection({ crowds, layers }: Growth): string {
  return `
## Growth

![Time by the number of images; memory and time by the size of a layer](benchmarks.svg)

${table(
  ["images, far", "new", "nothing to do", "peak memory"],
  crowds.map(({ images, cold, warm }) => [
    images.toLocaleString("en"),
    seconds(cold.wallMs),
    seconds(warm.wallMs),
    `${(cold.peakKiB / 1_024).toFixed(0)} MiB`,
  ]),
)}

${table(
  ["one layer, near", "time", "processor", "peak memory"],
  layers.map(({ mebibytes, wallMs, cpuMs, peakKiB }) => [
    sizeOf(mebibytes),
    seconds(wallMs),
    seconds(cpuMs),
    `${(peakKiB / 1_024).toFixed(0)} MiB`,
  ]),
)}
`;
}

function machine(date: Date, load: number): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const model = processors[0]?.model.trim() || process.arch;
  return `${date.toISOString().slice(0, 10)}, ${process.platform}, ${processors.length} x ${model}, ${memory} GiB of memory, Node ${process.versions.node}, load ${load.toFixed(1)} before the run.${load > busy ? disturbed : ""}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
