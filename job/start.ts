#!/usr/bin/env node
import { runBundle } from "./start/scripts.ts";

// Before V8 is told anything: it takes compiled code only from a process with the same flags.
runBundle({ folder: import.meta.dirname, builtin: process.getBuiltinModule });

// While the first answers are waited for.
setImmediate(() => {
  // What proves them.
  process.getBuiltinModule("node:crypto");
  // Memory shall not grow with what passes through. Buffers are freed when V8 collects the young generation; one that
  // may grow is collected ever less often, at tens of megabytes of buffers each time.
  process.getBuiltinModule("node:v8").setFlagsFromString("--semi-space-growth-factor=1");
});
