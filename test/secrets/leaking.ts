import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { runCommand } from "../scenarios/command-run.ts";
import { twoAccounts } from "../scenarios/two-accounts.ts";

/*
 * Tests that pass, each with a password in what the program wrote: somebody gave it as the name of an image, which an
 * error repeats. Started by search.test.ts alone.
 */
async function withPassword(leak: (password: string) => Promise<number>): Promise<void> {
  await using world = await twoAccounts();
  expect(await leak(world.emulator.account("111111111111").admin().mintToken().password)).not.toBe(0);
}

it("leaks in this process", () =>
  withPassword(async (password) => (await runCommand(["plan", `no image: ${password}`])).code));

it("leaks in another process", () =>
  withPassword(async (password) => {
    const run = promisify(execFile)(process.execPath, ["job/main.ts", "plan", `no image: ${password}`]);
    return await run.then(
      () => 0,
      ({ code }) => code,
    );
  }));
