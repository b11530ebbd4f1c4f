import { createHash } from "node:crypto";
import { cpus } from "node:os";
import process from "node:process";
import { bareEnvironment, ourName } from "./contenders.ts";
import { far } from "./far-network.ts";
import { measured } from "./measured-run.ts";
import { median, type Runs } from "./paired.ts";
import { seconds } from "./row.ts";

/** What nothing on this machine can undercut. */
export interface Limits {
  /** From start to exit of a Node that does nothing, in milliseconds. */
  readonly nodeMs: number;
  readonly nodeMiB: number;
  /** One processor's SHA-256, MiB per second. */
  readonly hashRate: number;
}

export async function measureLimits(home: string): Promise<Limits> {
  const command = { line: [process.execPath, "-e", "0"], env: bareEnvironment(home) };
  const runs = [];
  for (let round = 0; round < 5; round += 1) runs.push(await measured(command));
  return {
    nodeMs: median(runs.map(({ wallMs }) => wallMs)),
    nodeMiB: median(runs.map(({ peakKiB }) => peakKiB)) / 1024,
    hashRate: hashRate(),
  };
}

/** Round trips that follow on one another, one of them for the connection, and what one connection has to carry. */
export function networkLimit(roundTrips: readonly string[], bytesOnOneConnection = 0): string {
  const mebibytes = bytesOnOneConnection / 1024 ** 2;
  const wait = roundTrips.length * far.roundTripMs + (mebibytes / far.mibPerSecond) * 1_000;
  const transfer = mebibytes === 0 ? "" : `, ${mebibytes} MiB on one connection`;
  return `${seconds(wait)}: ${roundTrips.length} round trips (${roundTrips.join(", ")})${transfer}`;
}

/** What everything but ourselves takes of the processors of this machine for the same work, if they share it evenly. */
export function processorLimit(runs: Runs): string {
  const processors = cpus().length;
  const othersMs = median((runs.get(ourName) ?? []).map((run) => run.othersMs));
  return `${seconds(othersMs / processors)}: what registries and network need of ${processors} processors`;
}

export function hashLimit({ hashRate: rate }: Limits, bytes: number): string {
  const mebibytes = Math.round(bytes / 1024 ** 2);
  return `${seconds((mebibytes / rate) * 1_000)}: SHA-256 of ${mebibytes} MiB by one processor`;
}

export function startLimit({ nodeMs }: Limits): string {
  return `${seconds(nodeMs)}: \`node -e 0\``;
}

function hashRate(): number {
  const chunk = Buffer.alloc(1024 * 1024, 7);
  const rates = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    const hash = createHash("sha256");
    for (let mebibyte = 0; mebibyte < 64; mebibyte += 1) hash.update(chunk);
    hash.digest();
    return 64 / ((performance.now() - begun) / 1_000);
  });
  return median(rates);
}
