import { createServer, type Server } from "node:http";
import { accountFixture } from "./account-fixture.ts";
import type { EcrEmulator } from "./emulator.ts";
import { EmulatorContext } from "./emulator-context.ts";
import type { EmulatorOptions } from "./emulator-options.ts";
import type { Endpoint } from "./endpoint.ts";
import { FaultInjector } from "./faults.ts";
import { type HandlerParts, handleRequest } from "./request-handler.ts";
import { RequestLog } from "./request-log.ts";
import { StorageOrigin } from "./storage-origin.ts";
import { Store } from "./store.ts";

const hourMs = 60 * 60 * 1000;
const idleConnectionMs = 60 * 1000;

/** Opens the listeners of an emulator and ties its parts together. */
export async function startServers(options: EmulatorOptions): Promise<EcrEmulator> {
  const clock = options.clock ?? { now: () => Date.now() };
  const { tokenLifetimeMs, storageUrlLifetimeMs = hourMs } = options;
  const store = new Store({ clock, ...(tokenLifetimeMs !== undefined && { tokenLifetimeMs }) });
  const context = new EmulatorContext({ options, store, faults: new FaultInjector(), log: new RequestLog() });
  const storage = new StorageOrigin({ store, urlLifetimeMs: storageUrlLifetimeMs });
  const listeners = new AsyncDisposableStack();
  let url = "";
  const api = {
    store,
    options,
    get url() {
      return url;
    },
    presign: storage.presign.bind(storage),
  };
  const listen = async (endpoint: Endpoint, port = 0) => {
    const listener = await openListener({ context, storage, api }, endpoint, port);
    listeners.defer(() => close(listener.server));
    return listener.address;
  };
  try {
    storage.listensAt(`http://${await listen({ serves: "storage" })}`);
    url = `http://${await listen({ serves: "all" }, options.port)}`;
  } catch (error) {
    await listeners.disposeAsync();
    throw error;
  }
  return emulatorOf({ context, storage, url, listeners, listen });
}

interface EmulatorParts {
  readonly context: EmulatorContext;
  readonly storage: StorageOrigin;
  readonly url: string;
  readonly listeners: AsyncDisposableStack;
  readonly listen: (endpoint: Endpoint) => Promise<string>;
}

function emulatorOf({ context, storage, url, listeners, listen }: EmulatorParts): EcrEmulator {
  const { store, faults, log } = context;
  const accounts = new Map<string, ReturnType<typeof accountFixture>>();
  return {
    url,
    store,
    faults,
    storage,
    listen: (accountId, region) => listen({ serves: "registry", registry: { accountId, region } }),
    account(id) {
      const account = accounts.get(id) ?? accountFixture(store, id);
      accounts.set(id, account);
      return account;
    },
    repository: (accountId, region, name, settings) =>
      store.findRepository(accountId, region, name) ??
      store.createRepository(accountId, region, name, settings),
    get requests() {
      return log.entries;
    },
    clearRequests: () => log.clear(),
    [Symbol.asyncDispose]: () => listeners.disposeAsync(),
  };
}

async function openListener(
  parts: HandlerParts,
  endpoint: Endpoint,
  port: number,
): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    request.on("error", () => response.destroy());
    void handleRequest(parts, endpoint, request, response);
  });
  // A layer may take its time, and an idle connection is closed by the client, as with a load balancer.
  server.requestTimeout = 0;
  server.keepAliveTimeout = idleConnectionMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The listener has no port");
  return { server, address: `127.0.0.1:${bound.port}` };
}

async function close(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await ended;
}
