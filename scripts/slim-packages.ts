import { join } from "node:path";
import type { Plugin } from "esbuild";

/** What the program uses of undici; the rest (fetch, WebSocket, caches, mocks) would be loaded at every start. */
const undici = `
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import * as api from "undici/lib/api/index.js";
Object.assign(Dispatcher.prototype, api.default);
export { default as Agent } from "undici/lib/dispatcher/agent.js";
export { default as Pool } from "undici/lib/dispatcher/pool.js";
export { default as ProxyAgent } from "undici/lib/dispatcher/proxy-agent.js";
export { default as buildConnector } from "undici/lib/core/connect.js";
export { default as errors } from "undici/lib/core/errors.js";
`;

/** Modules that packages load and that this program never reaches: HTTP/2, SOCKS, worker threads that write logs. */
const unreached = /(^thread-stream|[\\/](client-h2|socks5-proxy-agent)(\.js)?)$/;

/** Leaves out of packages what the program has no use for, so that a start does not read it. */
export const slimPackages: Plugin = {
  name: "slim-packages",
  setup(build) {
    const root = join(import.meta.dirname, "..");
    build.onResolve({ filter: /^undici$/ }, () => ({ path: "undici", namespace: "slim" }));
    build.onLoad({ filter: /^undici$/, namespace: "slim" }, () => ({ contents: undici, resolveDir: root }));
    // It would start programs as subcommands; ours are none.
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: "nothing", namespace: "unreached" } : undefined,
    );
    build.onResolve({ filter: unreached }, () => ({ path: "nothing", namespace: "unreached" }));
    build.onLoad({ filter: /./, namespace: "unreached" }, () => ({
      contents: "module.exports = {};",
    }));
  },
};
