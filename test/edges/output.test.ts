import process from "node:process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runProgram } from "../integration/run-tool.ts";
import { type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";
import { type EdgeImage, edgeImage, program, promotion } from "./edge-run.ts";

let world: TwoAccounts;
let image: EdgeImage;
beforeAll(async () => {
  world = await twoAccounts();
  image = edgeImage(world);
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => image.forget());

/** Runs the program with its streams as a line of the shell has them: `"$@" >/dev/full`. */
function inShell(line: string, args: readonly string[]) {
  const all = ["--norc", "-c", `set -o pipefail; ${line}`, "bash", process.execPath, program, ...args];
  return runProgram("bash", all, { env: world.env });
}

const loud = [...promotion, "-o", "json", "--log-level", "debug"];
const fullDisk =
  "error: Cannot write the result to standard output: ENOSPC: no space left on device, write\n";

describe("a promotion is made whatever becomes of its logs", () => {
  it.each([
    ["on a full disk", '"$@" 2>/dev/full'],
    ["when standard error is closed", '"$@" 2>&-'],
    ["when standard input is closed", '"$@" <&-'],
    ["when all three are closed", '"$@" <&- >&- 2>&-'],
    ["when nobody reads what goes to a pipe", '"$@" 2>&1 | head -n 1'],
    ["when nobody has ever read it", '"$@" 2> >(true) | true'],
  ])("%s", async (_title, line) => {
    expect(await inShell(line, loud)).toMatchObject({ code: 0 });
    image.expectPromoted();
  });

  it("and says so when the report is lost on a full disk", async () => {
    const run = await inShell('"$@" >/dev/full', loud);
    expect(run.code).toBe(1);
    expect(run.stderr.endsWith(fullDisk)).toBe(true);
    image.expectPromoted();
  });
});

describe("a command whose result is what it prints", () => {
  const schema = ["schema"];

  it("fails when that is lost on a full disk", async () => {
    const run = await inShell('"$@" >/dev/full', schema);
    expect(run).toEqual({ code: 1, stdout: "", stderr: fullDisk });
  });

  it("fails in silence when the disk takes no word about it either", async () => {
    expect(await inShell('"$@" >/dev/full 2>&1', schema)).toEqual({ code: 1, stdout: "", stderr: "" });
  });

  it("does not mind that its reader has seen enough", async () => {
    expect(await inShell('"$@" | head -n 1', schema)).toEqual({ code: 0, stdout: "{\n", stderr: "" });
  });

  it("keeps the code of what failed before", async () => {
    const run = await inShell('"$@" >/dev/full', ["promote", "--no-such-flag"]);
    expect(run.code).toBe(2);
  });

  it("says that nothing came when standard input is closed", async () => {
    const run = await inShell('"$@" <&-', ["promote", "-f", "-"]);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("standard input") });
  });
});
