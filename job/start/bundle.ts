import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Script, ScriptOptions } from "node:vm";
import { lateModule } from "./late-module.ts";

/** Gives what a module exports: one of Node's own by `node:name`, one of the bundle's by `./name.js`. */
type Require = (id: string) => object;

/** What a script of the bundle evaluates to: the body of a CommonJS module. */
type Body = (exports: object, require: Require, module: { exports: object }) => void;

/** Modules of Node's own that take milliseconds to load. */
const late: ReadonlySet<string> = new Set([
  "node:crypto",
  "node:dns",
  "node:fs/promises",
  "node:http",
  "node:https",
  "node:timers/promises",
  "node:tls",
  "node:tty",
]);

export interface BundleOptions {
  /** Where `program.js` and `chunks/` are; absolute. */
  readonly folder: string;
  /** Gives a module of Node's own. */
  readonly builtin: (id: string) => object;
  readonly compile: (text: string, options: ScriptOptions) => Script;
}

/**
 * Reads the bundled program, and returns what runs it. What it loads later are scripts in `chunks/`, each run once; they
 * find what the program holds already among its exports, by the names that these modules would have as files.
 *
 * @throws {Error} when a script cannot be read; what it returns throws whatever the program does.
 */
export function readBundle({ folder, builtin, compile }: BundleOptions): () => void {
  const loaded = new Map<string, object>();
  const chunk = (id: string) => evaluated(compiled(join(folder, "chunks", id), compile), require);
  const require: Require = (id) => {
    const known = loaded.get(id);
    if (known !== undefined) return known;
    const exported = id.startsWith("node:") ? nodeModule(id, builtin) : chunk(id);
    loaded.set(id, exported);
    return exported;
  };
  const program = compiled(join(folder, "program.js"), compile);
  return () => {
    for (const [id, part] of Object.entries(evaluated(program, require))) loaded.set(id, part);
  };
}

function nodeModule(id: string, builtin: BundleOptions["builtin"]): object {
  return late.has(id) ? lateModule(() => builtin(id)) : builtin(id);
}

function compiled(path: string, compile: BundleOptions["compile"]): Script {
  // Its characters are ASCII, which need not be decoded.
  return compile(readFileSync(path, "latin1"), { filename: path, cachedData: cachedCode(path) });
}

function evaluated(script: Script, require: Require): object {
  const body: Body = script.runInThisContext();
  const module = { exports: {} };
  body(module.exports, require, module);
  return module.exports;
}

/** What V8 made of a script when the bundle was built. A V8 with which it does not agree takes no notice of it. */
function cachedCode(path: string): Buffer | undefined {
  try {
    return readFileSync(path.replace(/js$/, "cache"));
  } catch {
    // It only saves time.
    return undefined;
  }
}
