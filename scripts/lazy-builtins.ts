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
export const builtinRequire = "const require=process.getBuiltinModule;";
