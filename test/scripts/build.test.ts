import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Built, buildBundle } from "../../scripts/build.ts";

const run = promisify(execFile);
const root = resolve(".");

/** Prints what Node has loaded of its own when the program has asked a registry that is not there. */
const loadedModules = `
process.argv.splice(1, Infinity, process.env.PROGRAM, "promote", "127.0.0.1:2/a:1", "--from", "127.0.0.1:1", "--to", "127.0.0.1:2", "--timeout", "300ms");
const write = process.stdout.write.bind(process.stdout);
process.on("exit", () => { write(process.moduleLoadList.join("\\n")); process.exitCode = 0; });
require(process.env.PROGRAM);
`;

let folder: string;
let built: Built;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundle-"));
  built = await buildBundle({ root, outputFolder: folder });
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

  it("holds its page: it is whole where there is no other file, and no registry either", async () => {
    const args = ["status", "--from", "127.0.0.1:1", "--to", "127.0.0.1:2", "--output", "html"];
    const ended = run(process.execPath, [built.file, ...args], { cwd: folder });
    await expect(ended).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^<!doctype html>.*<style>:root \{.*Could not be read.*<script>\(\(\) =>.*<\/html>\n$/s,
      ),
    });
  });

  it("loads little of Node's before it is needed: TLS, HTTP/2 and child processes wait", async () => {
    const { stdout } = await run(process.execPath, ["--input-type=commonjs", "--eval", loadedModules], {
      cwd: folder,
      // Certificates of one's own are read at the start.
      env: { ...process.env, NODE_EXTRA_CA_CERTS: "", PROGRAM: built.file },
    });
    const loaded = stdout.split("\n");
    expect(loaded).toContain("NativeModule net");
    for (const module of ["tls", "http2", "child_process", "zlib", "readline/promises"]) {
      expect(loaded).not.toContain(`NativeModule ${module}`);
    }
    // What stands for: promises of files, standard input, Web Crypto, what tests assert with, threads.
    for (const module of ["fs/promises", "fs/streams", "crypto/webcrypto", "assert/utils", "worker/io"]) {
      expect(loaded).not.toContain(`NativeModule internal/${module}`);
    }
  });

  it("finds what V8 compiled when it was built", async () => {
    const { stderr } = await run(process.execPath, [built.file, "version"], {
      env: { ...process.env, NODE_DEBUG_NATIVE: "COMPILE_CACHE" },
    });
    expect(stderr).toMatch(/V8 code cache for ESM .*main-\w+\.js was accepted/);
    expect(stderr).not.toMatch(/was rejected/);
  });

  it("reads few files before it promotes", async () => {
    const text = await readFile(built.file, "utf8");
    const main = /\.\/chunks\/main-\w+\.js/.exec(text)?.[0] ?? "";
    const imports = (await readFile(join(folder, main), "utf8")).match(/\bfrom ?"\.\/[\w-]+\.js"/g) ?? [];
    expect(new Set(imports).size).toBeLessThan(12);
  });

  it("does not ask the environment at every token of a YAML text", async () => {
    for (const file of await readdir(join(folder, "chunks"))) {
      expect(await readFile(join(folder, "chunks", file), "utf8")).not.toContain("LOG_TOKENS");
    }
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
