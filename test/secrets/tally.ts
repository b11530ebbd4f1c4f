import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Names the file in which each test file leaves how much was searched for how many secrets. */
export const tallyVariable = "TEST_SECRETS_TALLY";

/** Runs around the whole suite: says at its end how much of the program's output was searched. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "secrets-tally-"));
  const file = join(folder, "tally");
  process.env[tallyVariable] = file;
  return () => {
    const sums = tallyOf(file);
    rmSync(folder, { recursive: true, force: true });
    if (sums === undefined) return;
    const [secrets, outputs, characters] = sums;
    process.stdout.write(
      `secrets: ${outputs} outputs (${(characters / 1e6).toFixed(1)} MB) were searched for ${secrets} secrets\n`,
    );
  };
}

function tallyOf(file: string): readonly [number, number, number] | undefined {
  try {
    return readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" ").map(Number))
      .reduce<[number, number, number]>(
        (sum, [secrets = 0, outputs = 0, characters = 0]) => [
          sum[0] + secrets,
          sum[1] + outputs,
          sum[2] + characters,
        ],
        [0, 0, 0],
      );
  } catch {
    // No test ran the program.
    return undefined;
  }
}
