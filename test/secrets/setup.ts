import { ChildProcess } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { afterAll } from "vitest";
import { ledgerVariable, openLedger, written } from "./ledger.ts";
import { leaksIn } from "./search.ts";
import { tallyVariable } from "./tally.ts";

/*
 * Runs before each test file. Gathers the secrets that its emulators mint, and all that the program writes, in this
 * process or in others; a secret found in any of it fails the file.
 */
const ledger = openLedger();
const folder = mkdtempSync(join(tmpdir(), "secrets-"));
const elsewhere = join(folder, "minted");
process.env[ledgerVariable] = elsewhere;
listenToPrograms();

afterAll(() => {
  for (const line of linesOf(elsewhere)) ledger.secrets.add(JSON.parse(line));
  rmSync(folder, { recursive: true, force: true });
  const tally = process.env[tallyVariable];
  const characters = ledger.outputs.reduce((sum, { text }) => sum + text.length, 0);
  if (tally !== undefined && ledger.outputs.length > 0)
    appendFileSync(tally, `${ledger.secrets.size} ${ledger.outputs.length} ${characters}\n`);
  const leaks = leaksIn(ledger.outputs, [...ledger.secrets]);
  if (leaks.length === 0) return;
  const found = leaks.map(({ from, excerpt }) => `  ${from}: ${JSON.stringify(excerpt)}`);
  throw new Error(`A secret was written:\n${found.join("\n")}`);
});

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    // No other process minted anything.
    return [];
  }
}

interface Spawning {
  spawn(this: ChildProcess, options: { readonly args?: readonly string[] }): unknown;
}

/** Every way to start a process comes through this method. */
function listenToPrograms(): void {
  const prototype = ChildProcess.prototype as unknown as Spawning;
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    const result = spawn.call(this, options);
    const line = (options.args ?? []).join(" ");
    if (/job\/main\.ts|image-promoter(?:\.js)?(?:\s|$)/.test(line)) {
      listenTo(this.stdout, `stdout of ${line}`);
      listenTo(this.stderr, `stderr of ${line}`);
    }
    return result;
  };
}

/** Takes note of what is read, by whoever reads it: a listener of our own would set the stream going. */
function listenTo(stream: Readable | null, from: string): void {
  if (stream === null) return;
  const chunks: Buffer[] = [];
  const { emit } = stream;
  stream.emit = (event: string | symbol, ...values: unknown[]) => {
    if (event === "data") chunks.push(Buffer.from(values[0] as Uint8Array | string));
    if (event === "close") written({ from, text: Buffer.concat(chunks).toString() });
    return Reflect.apply(emit, stream, [event, ...values]);
  };
}
