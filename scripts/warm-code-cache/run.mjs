// `run.mjs FOLDER ARGUMENT…` runs the bundle in FOLDER as its own start does, and keeps what V8 has compiled by then.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import v8 from "node:v8";
import vm from "node:vm";

const [folder, ...args] = process.argv.slice(2);
const program = join(folder, "image-promoter.js");

// V8 looks once at the flags that its caches are for; what is set from here on is not among them.
new vm.Script("0").createCachedData();
// What was compiled by an earlier run, and is not used in this one, stays.
v8.setFlagsFromString("--no-flush-bytecode");

const scripts = new Map();
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    scripts.set(options.filename, this);
  }
};

process.on("exit", (code) => {
  if (code !== 0) return;
  for (const [path, script] of scripts) writeFileSync(path.replace(/js$/, "cache"), script.createCachedData());
});

process.argv.splice(1, Infinity, program, ...args);
createRequire(import.meta.url)(program);
