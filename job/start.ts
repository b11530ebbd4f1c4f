#!/usr/bin/env node
import { isIPv4 } from "node:net";
import { Script, type ScriptOptions } from "node:vm";
import { beginConnections } from "./http-client/early-connections.ts";
import { readyAddressPattern } from "./start/address-pattern.ts";
import { readBundle } from "./start/bundle.ts";
import { earlyDestinations } from "./start/early-destinations.ts";
import { tooOld } from "./start/node-version.ts";

const complaint = tooOld(process.versions.node);
if (complaint !== undefined) {
  process.stderr.write(complaint);
  process.exit(2);
}

/**
 * Memory shall not grow with what passes through. Buffers are freed when V8 collects the young generation; one that may
 * grow is collected ever less often, at tens of megabytes of buffers each time.
 */
const steady = "--semi-space-growth-factor=1";

/** As V8 has it by itself, and had it when the code cache was made: with other flags it takes nothing from there. */
const asBuilt = "--semi-space-growth-factor=2";

let setFlags: ((flags: string) => void) | undefined;

function compile(text: string, options: ScriptOptions): Script {
  setFlags?.(asBuilt);
  const script = new Script(text, options);
  setFlags?.(steady);
  return script;
}

const destinations = earlyDestinations(process.argv.slice(2), process.env);
// Only addresses are no names; where nothing is known yet, names are what is to be expected.
if (destinations.length === 0 || !destinations.every(({ host }) => isIPv4(host)))
  readyAddressPattern(process.getBuiltinModule("node:v8").setFlagsFromString);

// The way to the registries and back takes about as long as loading the program.
beginConnections(destinations);

// Each step in a turn of its own: between them the connections get on.
setImmediate(() => {
  const run = readBundle({ folder: import.meta.dirname, builtin: process.getBuiltinModule, compile });
  setImmediate(() => {
    run();
    setImmediate(whileAnswersAreWaitedFor);
  });
});

function whileAnswersAreWaitedFor(): void {
  // What proves them.
  process.getBuiltinModule("node:crypto");
  setFlags = process.getBuiltinModule("node:v8").setFlagsFromString;
  setFlags(steady);
}
