import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/** Leaves Node's own modules to Node, under one name each: `node:fs` for `fs`, too. */
export const nodeModules: Plugin = {
  name: "node-modules",
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^(node:)?/, "node:"), external: true } : undefined,
    );
  },
};
