import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startEcrEmulator } from "../../test/emulator/emulator.ts";
import { image } from "../../test/fixtures/image-fixture.ts";
import { placeImage } from "../../test/fixtures/place-image.ts";
import type { Bench } from "./copy-rows.ts";
import { ourselves } from "./laboratory.ts";
import { startLimit } from "./limits.ts";
import { median } from "./paired.ts";

const [account, region, repository] = ["111111111111", "eu-west-1", "team/app"] as const;

/** How long a program with nothing to do needs until the registry hears of it. */
export const firstRequest: Bench = async (laboratory, limits) => {
  await using emulator = await startEcrEmulator({ mode: "strict" });
  const address = await emulator.listen(account, region);
  placeImage(emulator.repository(account, region, repository), image(), { tags: ["1"] });
  placeImage(emulator.repository(account, region, `copy/${repository}`), image(), { tags: ["1"] });
  const route = { from: address, to: `${address}/copy`, names: [`${repository}:1`] };
  const waits: number[] = [];
  for (let round = 0; round < 2 * laboratory.rounds; round += 1) {
    const { line, env } = await ourselves(laboratory).command(route);
    const [program = "", ...args] = line;
    emulator.clearRequests();
    const begun = Date.now();
    // Not by the program that measures processes: it has a start of its own.
    await promisify(execFile)(program, args, { env });
    waits.push((emulator.requests[0]?.at ?? Number.NaN) - begun);
  }
  const wait = median(waits);
  return [
    {
      work: "start until first request of a no-op, near",
      results: [{ name: "image-promoter", value: `${wait.toFixed(0)} ms` }],
      reach: "at most 90 ms",
      met: wait <= 90,
      limit: startLimit(limits),
    },
  ];
};
