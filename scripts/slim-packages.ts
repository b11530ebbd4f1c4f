import type { Plugin } from "esbuild";

/** What stands in the place of a module that is imported by another. */
interface StandIn {
  readonly path: RegExp;
  readonly importer: RegExp;
  readonly contents: string;
}

/** What is not reached, or the little that is used, of what takes milliseconds to load. */
const standIns: readonly StandIn[] = [
  {
    // It would start programs as subcommands; ours are none.
    path: /^(node:)?child_process$/,
    importer: /[\\/]commander[\\/]/,
    contents: "module.exports = {};",
  },
  {
    // For what finds threads; it would go through the stack, and through all lines of the program for their numbers.
    path: /^\.\/lib\/caller$/,
    importer: /[\\/]pino[\\/]/,
    contents: "module.exports = () => [];",
  },
  {
    // It asks for nothing but this, and the program has no other threads.
    path: /^(node:)?worker_threads$/,
    importer: /[\\/]pino[\\/]/,
    contents: "exports.isMainThread = true;",
  },
  {
    // Threads and files that a log goes to where pino is told to; it is given an output.
    path: /^(on-exit-leak-free|sonic-boom|\.(\/lib)?\/transport)$/,
    importer: /[\\/]pino[\\/]/,
    contents: 'module.exports = function () { throw new Error("Left out of the bundle"); };',
  },
];

/** Leaves out of packages what the program has no use for, so that a start does not read it. */
export const slimPackages: Plugin = {
  name: "slim-packages",
  setup(build) {
    build.onResolve({ filter: /./ }, ({ path, importer }) => {
      const stand = standIns.find((entry) => entry.path.test(path) && entry.importer.test(importer));
      // The bundler knows a module by its path, so each stand-in has one of its own.
      return stand && { path: String(standIns.indexOf(stand)), namespace: "stand-in" };
    });
    build.onLoad({ filter: /./, namespace: "stand-in" }, ({ path }) => ({
      contents: standIns[Number(path)]?.contents ?? "",
    }));
  },
};
