import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "warming-"));
});
afterEach(() => rm(folder, { recursive: true }));

it.each([
  [
    "promotes nothing, and says that all is well",
    "process.exit(0)",
    /Nothing was promoted by promote 127\.0\.0\.1/,
  ],
  ["fails", 'console.error("no such registry"); process.exit(1)', /no such registry/],
])("making a code cache fails where the program %s", async (_, program, said) => {
  await writeFile(join(folder, "image-promoter.js"), program);
  const warming = run(process.execPath, [resolve("scripts/warm-code-cache/main.mjs"), folder]);
  await expect(warming).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(said) });
  expect(await readdir(folder)).toEqual(["image-promoter.js"]);
});
