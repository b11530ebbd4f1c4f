import type { Plugin } from "esbuild";

/** What packages load and this program never reaches: worker threads that write logs. */
const unreached = /^thread-stream$/;

/** The little that packages use of modules of Node's own, in the place of a whole that takes milliseconds to load. */
const standIns: readonly { readonly path: string; readonly importer: RegExp; readonly contents: string }[] = [
  {
    // It would start programs as subcommands; ours are none.
    path: "node:child_process",
    importer: /[\\/]commander[\\/]/,
    contents: "module.exports = {};",
  },
  {
    path: "node:assert",
    importer: /[\\/]sonic-boom[\\/]/,
    contents: `module.exports = (holds, message = "An assertion of a package does not hold") => {
      if (!holds) throw message instanceof Error ? message : new Error(message);
    };`,
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
    build.onResolve({ filter: /^(node:)?(assert|child_process|worker_threads)$/ }, ({ path, importer }) => {
      const name = path.replace(/^(node:)?/, "node:");
      const stand = standIns.find((entry) => entry.path === name && entry.importer.test(importer));
      // The bundler knows a module by its path, so each stand-in has one of its own.
      return stand && { path: String(standIns.indexOf(stand)), namespace: "stand-in" };
    });
    build.onLoad({ filter: /./, namespace: "stand-in" }, ({ path }) => ({
      contents: standIns[Number(path)]?.contents ?? "",
    }));
    build.onResolve({ filter: unreached }, () => ({ path: "nothing", namespace: "unreached" }));
    build.onLoad({ filter: /./, namespace: "unreached" }, () => ({
      contents: "module.exports = {};",
    }));
  },
};
