import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Built, buildBundle } from "../../scripts/build.ts";

const run = promisify(execFile);
const root = resolve(".");

let folder: string;
let built: Built;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundle-"));
  built = await buildBundle({ root, entry: "job/main.ts", outputFolder: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the bundle", () => {
  it("runs by itself, far from node_modules", async () => {
    const { stdout } = await run(process.execPath, [built.file, "version"], { cwd: folder });
    expect(stdout).toBe(`${manifest.version}\n`);
  });

  it("is a program of its own", async () => {
    const env = { ...process.env, PATH: `${resolve(process.execPath, "..")}:${process.env.PATH}` };
    const { stdout } = await run(built.file, ["--version"], { env });
    expect(stdout).toBe(`${manifest.version}\n`);
  });

  it("holds its templates: it renders where there is no other file", async () => {
    const { stdout } = await run(
      process.execPath,
      [
        built.file,
        "render",
        "manifests",
        "b.example.com/app:1",
        "--from",
        "a.example.com",
        "--to",
        "b.example.com",
      ],
      { cwd: folder },
    );
    expect(stdout).toContain("kind: Job\n");
  });

  it("loads nothing of Node's before it is needed", async () => {
    expect(await readFile(built.file, "utf8")).not.toMatch(/^import\b/m);
  });

  it("does not ask the environment at every token of a YAML text", async () => {
    expect(await readFile(built.file, "utf8")).not.toContain("LOG_TOKENS");
  });

  it("comes with the licence of every package in it", async () => {
    const packages = built.weights.map(([name]) => name).filter((name) => name !== "job");
    const licences = await readFile(join(folder, "THIRD_PARTY_LICENSES.txt"), "utf8");
    expect(packages).toEqual(expect.arrayContaining(["undici", "@aws-sdk/client-ecr", "yaml"]));
    for (const name of packages) expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  });
});

it("refuses to bundle what belongs to the tests", async () => {
  const outputFolder = join(folder, "refused");
  const building = buildBundle({ root, entry: "test/house/imports.ts", outputFolder });
  await expect(building).rejects.toThrow("files that do not belong there: test/house/imports.ts");
});
