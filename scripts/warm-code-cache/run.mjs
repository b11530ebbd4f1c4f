// `run.mjs FOLDER ARGUMENT…` runs the bundle in FOLDER by its own start, and keeps beside each script what V8 has made
// of it by the end: what this run has compiled, and what came from the cache that was there before.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import v8 from "node:v8";
import vm from "node:vm";

const [folder, ...args] = process.argv.slice(2);
const program = join(folder, "image-promoter.js");

// V8 takes code from a cache only under the flags that it was made with, which are to be those of a start: none. The
// flags that the program sets do not matter here.
const { setFlagsFromString } = v8;
const { Script } = vm;
v8.setFlagsFromString = () => {};

const scripts = new Map();
vm.Script = class extends Script {
  constructor(text, options) {
    setFlagsFromString("--flush-bytecode");
    super(text, options);
    scripts.set(options.filename, this);
    // However long this takes, V8 is to forget nothing that it has not used for a while.
    setFlagsFromString("--no-flush-bytecode");
  }
};

process.on("exit", (code) => {
  if (code !== 0) return;
  setFlagsFromString("--flush-bytecode");
  for (const [path, script] of scripts)
    writeFileSync(path.replace(/js$/, "cache"), script.createCachedData());
});

process.argv.splice(1, Infinity, program, ...args);
createRequire(import.meta.url)(program);
