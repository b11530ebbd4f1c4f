import { join } from "node:path";
import type { Plugin } from "esbuild";

/** What the program uses of undici; the rest (fetch, WebSocket, caches, mocks) would be loaded at every start. */
const undici = `
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import * as api from "undici/lib/api/index.js";
Object.assign(Dispatcher.prototype, api.default);
export { default as buildConnector } from "undici/lib/core/connect.js";
export { default as Agent } from "undici/lib/dispatcher/agent.js";
export { default as Pool } from "undici/lib/dispatcher/pool.js";
export { default as ProxyAgent } from "undici/lib/dispatcher/proxy-agent.js";
export { default as errors } from "undici/lib/core/errors.js";
`;

/** Modules that packages load and that this program never reaches: HTTP/2, SOCKS, worker threads that write logs. */
const unreached = /(^thread-stream|[\\/](client-h2|socks5-proxy-agent)(\.js)?)$/;

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
    importer: /[\\/](undici|sonic-boom)[\\/]/,
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
  {
    // It tells Node's own responses, of which there are none here, from other bodies, and limits headers as Node does.
    path: "node:http",
    importer: /[\\/]undici[\\/]/,
    contents: "exports.IncomingMessage = class {}; exports.maxHeaderSize = 16 * 1024;",
  },
];

/** Leaves out of packages what the program has no use for, so that a start does not read it. */
export const slimPackages: Plugin = {
  name: "slim-packages",
  setup(build) {
    const root = join(import.meta.dirname, "..");
    build.onResolve({ filter: /^undici$/ }, () => ({ path: "undici", namespace: "slim" }));
    build.onLoad({ filter: /^undici$/, namespace: "slim" }, () => ({ contents: undici, resolveDir: root }));
    build.onResolve(
      { filter: /^(node:)?(assert|child_process|http|worker_threads)$/ },
      ({ path, importer }) => {
        const name = path.replace(/^(node:)?/, "node:");
        const stand = standIns.find((entry) => entry.path === name && entry.importer.test(importer));
        // The bundler knows a module by its path, so each stand-in has one of its own.
        return stand && { path: String(standIns.indexOf(stand)), namespace: "stand-in" };
      },
    );
    build.onLoad({ filter: /./, namespace: "stand-in" }, ({ path }) => ({
      contents: standIns[Number(path)]?.contents ?? "",
    }));
    build.onResolve({ filter: unreached }, () => ({ path: "nothing", namespace: "unreached" }));
    build.onLoad({ filter: /./, namespace: "unreached" }, () => ({
      contents: "module.exports = {};",
    }));
  },
};
