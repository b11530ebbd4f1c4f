import { createRequire, isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
// Packages are loaded here to see what they export; the decorators of some do not load without it.
import "reflect-metadata";

/**
 * Lets `await import("pino")` give a CommonJS package's names, as Node does. A chunk of its own would have but a default
 * export: names that are assigned when the code runs are not seen by whoever reads it.
 */
export const namedImports: Plugin = {
  name: "named-imports",
  setup(build) {
    const { resolve } = createRequire(import.meta.url);
    build.onResolve({ filter: /^[@\w]/ }, ({ kind, path }) =>
      kind === "dynamic-import" && !isBuiltin(path) ? { path, namespace: "named-imports" } : undefined,
    );
    build.onLoad({ filter: /./, namespace: "named-imports" }, async ({ path }) => {
      const exported: object = await import(pathToFileURL(resolve(path)).href);
      const names = Object.keys(exported).filter((name) => !["default", "module.exports"].includes(name));
      return {
        contents: `import * as all from ${JSON.stringify(path)}; export const { ${names.join(", ")} } = all;`,
        resolveDir: import.meta.dirname,
      };
    });
  },
};
