import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Built, buildBundle } from "../../scripts/build.ts";

const run = promisify(execFile);
const root = resolve(".");

/** A promotion that asks a registry which is not there. */
const failing = [
  "promote",
  "127.0.0.1:2/a:1",
  "--from",
  "127.0.0.1:1",
  "--to",
  "127.0.0.1:2",
  "--timeout",
  "300ms",
];

/** Prints what Node has loaded of its own by the end. */
const printModules = `
const write = process.stdout.write.bind(process.stdout);
process.on("exit", () => { write(process.moduleLoadList.join("\\n")); process.exitCode = 0; });
`;

/** Prints each script that is compiled, with what V8 thought of its cache, and flags that are set meanwhile. */
const printScripts = `
const [fs, v8, vm] = ["fs", "v8", "vm"].map((name) => process.getBuiltinModule(name));
const print = (line) => fs.writeSync(1, line + "\\n");
const { setFlagsFromString } = v8;
v8.setFlagsFromString = (flags) => { print(flags); setFlagsFromString(flags); };
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    const verdict = { true: "rejected", false: "accepted" }[this.cachedDataRejected] ?? "not cached";
    print(options.filename.split("/").at(-1).replace(/-[A-Z0-9]{8}/, "") + " " + verdict);
  }
};
process.on("exit", () => { process.exitCode = 0; });
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

  it("loads little of Node's before it is needed: TLS, HTTP and child processes wait", async () => {
    const stdout = await probe(printModules, failing);
    const loaded = stdout.split("\n");
    expect(loaded).toContain("NativeModule net");
    for (const module of [
      "tls",
      "http",
      "_http_client",
      "http2",
      "child_process",
      "zlib",
      "readline/promises",
    ]) {
      expect(loaded).not.toContain(`NativeModule ${module}`);
    }
    // What stands for: promises of files, standard input, Web Crypto, what tests assert with, threads.
    for (const module of ["fs/promises", "fs/streams", "crypto/webcrypto", "assert/utils", "worker/io"]) {
      expect(loaded).not.toContain(`NativeModule internal/${module}`);
    }
  });

  it("finds what V8 compiled when it was built, whatever V8 is told at run time", async () => {
    const lines = (await probe(printScripts, [...failing, "-o", "yaml"])).split("\n");
    const scripts = lines.filter((line) => line.includes(".js "));
    const [steady, asBuilt] = ["--semi-space-growth-factor=1", "--semi-space-growth-factor=2"];
    expect(scripts.filter((line) => line.endsWith("rejected"))).toEqual([]);
    expect(scripts).toEqual(expect.arrayContaining(["program.js accepted", "pino.js accepted"]));
    // What is compiled once the flag is set is compiled without it.
    expect(lines.slice(lines.indexOf(steady)).join("\n")).toMatch(
      new RegExp(`\n${asBuilt}\n.* accepted\n${steady}\n`),
    );
  });

  it("reads one file before it promotes, and another for its log", async () => {
    const lines = (await probe(printScripts, failing)).split("\n");
    expect(lines.filter((line) => line.includes(".js "))).toEqual([
      "program.js accepted",
      "pino.js accepted",
    ]);
  });

  it("keeps code of what a promotion does, which another command would not leave there", async () => {
    const other = await mkdtemp(join(tmpdir(), "other-"));
    for (const file of ["image-promoter.js", "package.json", "program.js"])
      await copyFile(join(folder, file), join(other, file));
    await run(process.execPath, [resolve("scripts/warm-code-cache/run.mjs"), other, "version"]);
    const [code, otherCode] = await Promise.all(
      [folder, other].map((place) => readFile(join(place, "program.cache"), "latin1")),
    );
    await rm(other, { recursive: true });
    // Texts of functions: V8 has them only when it has compiled these. Looking up, a token, upload, large layers, referrers.
    const words = ["docker-content-digest", "www-authenticate", "blobs/uploads/", "stale", "oci-subject"];
    expect(words.filter((word) => !code?.includes(word))).toEqual([]);
    expect(words.filter((word) => otherCode?.includes(word))).toEqual([]);
  });

  it.each(["client-ecr", "node-http-handler", "pino"])("keeps code of %s, too", async (name) => {
    const files = await readdir(join(folder, "chunks"));
    expect(files.filter((file) => file.startsWith(`${name}-`) && file.endsWith(".cache"))).toHaveLength(1);
  });

  it("holds everything once, and asks for nothing as a module would", async () => {
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".js"));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    const all = texts.join("\n");
    expect(all.match(/\bPromoterError=class\b|\bclass PromoterError\b/g)).toHaveLength(1);
    expect(all).not.toMatch(/\bimport\(["'`]|\bimport\.meta\b/);
  });

  it("asks for nothing of its own that is not there", async () => {
    const chunks = (await readdir(join(folder, "chunks"))).filter((file) => file.endsWith(".js"));
    const program = await readFile(join(folder, "program.js"), "utf8");
    const texts = await Promise.all(chunks.map((file) => readFile(join(folder, "chunks", file), "utf8")));
    const asked: readonly string[] = [program, ...texts].flatMap(
      (text) => text.match(/(?<=\brequire\("\.\/)[^"]+/g) ?? [],
    );
    const held: readonly string[] = program.match(/(?<="\.\/)[\w-]+\.js(?=":\(\)=>)/g) ?? [];
    expect(asked.length).toBeGreaterThan(50);
    expect(held.length).toBeGreaterThan(5);
    expect([...new Set(asked)].filter((file) => !chunks.includes(file) && !held.includes(file))).toEqual([]);
  });

  it("does not ask the environment at every token of a YAML text", async () => {
    for (const file of (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".js"))) {
      expect(await readFile(join(folder, file), "utf8")).not.toContain("LOG_TOKENS");
    }
  });

  it("comes with the licence of every package in it", async () => {
    const packages = built.weights.map(([name]) => name).filter((name) => name !== "job");
    const licences = await readFile(join(folder, "THIRD_PARTY_LICENSES.txt"), "utf8");
    expect(packages).toEqual(expect.arrayContaining(["pino", "@aws-sdk/client-ecr", "yaml"]));
    for (const name of packages) expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  });
});

/** Runs the program after a script; gives what is printed. */
async function probe(script: string, args: readonly string[]): Promise<string> {
  const start = `${script} require(process.argv[1]);`;
  // Certificates of one's own are read at the start.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: "" };
  const command = ["--input-type=commonjs", "--eval", start, "--", built.file, ...args];
  return (await run(process.execPath, command, { cwd: folder, env })).stdout;
}

it("refuses to bundle what belongs to the tests", async () => {
  const outputFolder = join(folder, "refused");
  const building = buildBundle({ root, entry: "test/house/imports.ts", outputFolder });
  await expect(building).rejects.toThrow("files that do not belong there: test/house/imports.ts");
});
