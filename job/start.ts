#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { setFlagsFromString } from "node:v8";

// Memory shall not grow with what passes through. Buffers are freed when V8 collects the young generation; one that may
// grow is collected ever less often, at tens of megabytes of buffers each time. Before all code: V8 takes compiled
// code only from a process with the same flags.
setFlagsFromString("--semi-space-growth-factor=1");

// What V8 made of the code when the program was built lies beside it: a start need not compile again.
if (process.env.NODE_COMPILE_CACHE === undefined) {
  enableCompileCache({ directory: join(import.meta.dirname, "compile-cache"), portable: true });
}

// What proves the first answers is loaded while they are waited for.
setImmediate(() => process.getBuiltinModule("node:crypto"));

await import("./main.ts");
