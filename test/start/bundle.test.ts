import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Script } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBundle } from "../../job/start/bundle.ts";

declare global {
  /** Where the scripts of these tests say what they do. */
  var said: unknown[];
}

let folder: string;
beforeEach(async () => {
  globalThis.said = [];
  folder = await mkdtemp(join(tmpdir(), "scripts-"));
  await mkdir(join(folder, "chunks"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, body: string) =>
  writeFile(join(folder, name), `(function(exports, require, module) {${body}})\n`);

/** Runs what was written; gives the scripts that were compiled. */
function run(): Script[] {
  const scripts: Script[] = [];
  const start = readBundle({
    folder,
    builtin: (id) => {
      said.push(`loaded ${id}`);
      return process.getBuiltinModule(id) ?? {};
    },
    compile(text, options) {
      const script = new Script(text, options);
      scripts.push(script);
      return script;
    },
  });
  start();
  return scripts;
}

describe("the scripts of a bundle", () => {
  it("run once each, and have from the program what it holds", async () => {
    const part = 'module.exports = { "./part.js": { word: {} } };';
    await write("program.js", `${part} queueMicrotask(() => { require("./a.js"); require("./b.js"); });`);
    await write("chunks/a.js", 'said.push("a"); exports.mine = require("./part.js").word;');
    await write("chunks/b.js", 'said.push(require("./a.js").mine === require("./part.js").word);');
    run();
    await Promise.resolve();
    expect(said).toEqual(["a", true]);
  });

  it("load what takes long of Node's own at its first use, the rest at once", async () => {
    const required = 'const path = require("node:path"), crypto = require("node:crypto");';
    await write(
      "program.js",
      `${required} said.push("before"); crypto.randomUUID(); require("node:crypto");`,
    );
    run();
    expect(said).toEqual(["loaded node:path", "before", "loaded node:crypto"]);
  });

  it("are named in traces of the stack", async () => {
    await write("program.js", "said.push(new Error().stack);");
    run();
    expect(said).toEqual([expect.stringContaining(`${join(folder, "program.js")}:1:`)]);
  });
});

describe("a code cache", () => {
  const cached = () => new Script("0").createCachedData();

  it("is used where it fits", async () => {
    await write("program.js", "said.push(1);");
    const [before] = run();
    await writeFile(join(folder, "program.cache"), before?.createCachedData() ?? "");
    expect(run().map(({ cachedDataRejected }) => cachedDataRejected)).toEqual([false]);
    expect(said).toEqual([1, 1]);
  });

  it.each([
    ["nothing", () => Buffer.alloc(0)],
    ["something else", () => Buffer.from("no code at all, but long enough for a header of one")],
    ["another script's", cached],
    ["half of one", () => cached().subarray(0, 100)],
  ])("is left where it is %s", async (_, content) => {
    await write("program.js", "said.push(1);");
    await writeFile(join(folder, "program.cache"), content());
    expect(run().map(({ cachedDataRejected }) => cachedDataRejected)).toEqual([true]);
    expect(said).toEqual([1]);
  });

  it("may be missing", async () => {
    await write("program.js", "said.push(1);");
    expect(run().map(({ cachedDataRejected }) => cachedDataRejected)).toEqual([undefined]);
    expect(said).toEqual([1]);
  });
});
