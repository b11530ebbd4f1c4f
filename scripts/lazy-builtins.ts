import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Leaves Node's own modules to Node: those that sources import are loaded with the file that imports them, those that
 * CommonJS packages require when they do, by {@link builtinRequire}.
 */
export const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^(node:)?/, "node:"), external: true } : undefined,
    );
  },
};

/** The `require` that a file of the bundle has, an ES module having none: everything else is in the bundle. */
export const builtinRequire = "const require=globalThis.process.getBuiltinModule;";

/** `import a, { b as c } from "node:d"` and `import * as a from "node:d"`, as esbuild writes them. */
const builtinImport =
  /(?<=^|[;}\n])import(?: ([\w$]+),?|\*as ([\w$]+) )?(?:\{([^{}]*)\})?\s?from"(node:[\w/]+)";/g;

/**
 * Asks for Node's own modules by {@link builtinRequire} where a file of the bundle imports them. An `import` reads all
 * that such a module exports, getters too: with `node:crypto` it loads the whole of Web Crypto, with `node:process`
 * standard input.
 *
 * @param code a file as esbuild has written it, without whitespace.
 */
export function requireBuiltins(code: string): string {
  return code.replace(
    builtinImport,
    (_, byDefault: string | undefined, all: string | undefined, names: string | undefined, path: string) => {
      const whole = [byDefault, all]
        .filter((name) => name !== undefined)
        .map((name) => `${name}=require("${path}")`);
      const parts = names === undefined ? [] : names.split(",").map((name) => declared(name, path));
      return `const ${[...whole, ...parts].join(",")};`;
    },
  );
}

/** Functions of modules that take milliseconds to load, which no request needs before it is sent. */
const late: ReadonlySet<string> = new Set([
  "node:crypto createHash",
  "node:fs/promises mkdir",
  "node:fs/promises writeFile",
]);

/** `name` or `name as local`: there at once, or when it is first called. */
function declared(binding: string, path: string): string {
  const [name, local = name] = binding.split(" as ");
  if (!late.has(`${path} ${name}`)) return `${local}=require("${path}").${name}`;
  return `${local}=(...given)=>require("${path}").${name}(...given)`;
}
