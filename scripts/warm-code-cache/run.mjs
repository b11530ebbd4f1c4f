// `run.mjs FOLDER ARGUMENT…` runs the bundle in FOLDER as its own start does, and keeps what V8 has compiled by then.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import v8 from "node:v8";
import vm from "node:vm";

const [folder, ...args] = process.argv.slice(2);
const program = join(folder, "image-promoter.js");

// What an earlier run compiled, and this one does not use, stays.
v8.setFlagsFromString("--no-flush-bytecode");
// The program's own flags do not matter here, and V8 takes code only where it has the flags that it was made with.
const { setFlagsFromString } = v8;
v8.setFlagsFromString = () => {};

const scripts = new Map();
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    scripts.set(options.filename, this);
  }
};

process.on("exit", (code) => {
  if (code !== 0) return;
  setFlagsFromString("--flush-bytecode");
  for (const [path, script] of scripts) writeFileSync(path.replace(/js$/, "cache"), script.createCachedData());
});

process.argv.splice(1, Infinity, program, ...args);
createRequire(import.meta.url)(program);
