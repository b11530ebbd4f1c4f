import type { Plugin } from "esbuild";

/** What packages load and this program never reaches: threads and files that a log goes to, when they are told by pino. */
const unreached: readonly { readonly path: RegExp; readonly importer: RegExp }[] = [
  { path: /^(on-exit-leak-free|sonic-boom)$/, importer: /[\\/]pino[\\/]/ },
  { path: /^\.(\/lib)?\/transport$/, importer: /[\\/]pino[\\/]/ },
];

/** The little that packages use of modules of Node's own, in the place of a whole that takes milliseconds to load. */
const standIns: readonly { readonly path: string; readonly importer: RegExp; readonly contents: string }[] = [
  {
    // It would start programs as subcommands; ours are none.
    path: "node:child_process",
    importer: /[\\/]commander[\\/]/,
    contents: "module.exports = {};",
  },
  {
    // For what finds threads; it would go through the stack, and through all lines of the program for their numbers.
    path: "./lib/caller",
    importer: /[\\/]pino[\\/]/,
    contents: "module.exports = () => [];",
  },
  {
    // It asks for nothing but this, and the program has no other threads.
    path: "node:worker_threads",
    importer: /[\\/]pino[\\/]/,
    contents: "exports.isMainThread = true;",
  },
];

/** Leaves out of packages what the program has no use for, so that a start does not read it. */
export const slimPackages: Plugin = {
  name: "slim-packages",
  setup(build) {
    const replaced = /^(?:(?:node:)?(?:child_process|worker_threads)|\.\/lib\/caller)$/;
    build.onResolve({ filter: replaced }, ({ path, importer }) => {
      const name = path.startsWith(".") ? path : path.replace(/^(node:)?/, "node:");
      const stand = standIns.find((entry) => entry.path === name && entry.importer.test(importer));
      // The bundler knows a module by its path, so each stand-in has one of its own.
      return stand && { path: String(standIns.indexOf(stand)), namespace: "stand-in" };
    });
    build.onLoad({ filter: /./, namespace: "stand-in" }, ({ path }) => ({
      contents: standIns[Number(path)]?.contents ?? "",
    }));
    build.onResolve({ filter: /./ }, ({ path, importer }) =>
      unreached.some((entry) => entry.path.test(path) && entry.importer.test(importer))
        ? { path: "nothing", namespace: "unreached" }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: "unreached" }, () => ({
      contents: 'module.exports = function () { throw new Error("Left out of the bundle"); };',
    }));
  },
};
