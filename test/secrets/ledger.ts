import { appendFileSync } from "node:fs";
import process from "node:process";

/** Something that the program wrote, or had somebody else write. */
export interface Output {
  /** `stdout of image-promoter plan …`. */
  readonly from: string;
  readonly text: string;
}

/** The secrets that the tests of one file have to do with, and what is written while they run. */
export interface Ledger {
  readonly secrets: Set<string>;
  readonly outputs: Output[];
}

/** Names the file that processes started by tests write their secrets to, a line each. */
export const ledgerVariable = "TEST_SECRETS_FILE";

/** Shorter ones would be found in words that have nothing to do with them. */
export const minSecretLength = 12;

const key = Symbol.for("ledger of secrets");
const keeper = globalThis as { [key]?: Ledger };

/** Opens the ledger of this process; without one nothing is kept. */
export function openLedger(): Ledger {
  const ledger = { secrets: new Set<string>(), outputs: [] };
  keeper[key] = ledger;
  return ledger;
}

/** Says that this is a secret, which no output may hold. Gives it back. */
export function secret<T extends string>(text: T): T {
  if (text.length < minSecretLength)
    throw new Error(`A secret of ${text.length} characters cannot be told from words`);
  const file = process.env[ledgerVariable];
  if (keeper[key] !== undefined) keeper[key].secrets.add(text);
  else if (file !== undefined) appendFileSync(file, `${JSON.stringify(text)}\n`);
  return text;
}

/** Says that the program wrote this. */
export function written(output: Output): void {
  if (output.text !== "") keeper[key]?.outputs.push(output);
}
