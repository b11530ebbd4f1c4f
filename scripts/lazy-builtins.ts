import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Makes the bundle load Node's own modules where they are first used. As import statements they would all stand at the
 * head of the one file, and every start, also `--help`, would pay some 20 ms for HTTP/2, zlib and the like. It also
 * serves CommonJS packages, whose `require` an ES module does not have.
 */
export const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^(node:)?/, "node:"), namespace: "builtin" } : undefined,
    );
    build.onLoad({ filter: /^node:/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
