import { accountFixture } from "./account-fixture.ts";
import type { EcrEmulator } from "./emulator.ts";
import { EmulatorContext } from "./emulator-context.ts";
import type { EmulatorOptions } from "./emulator-options.ts";
import type { Endpoint } from "./endpoint.ts";
import { FaultInjector } from "./faults.ts";
import { type Listener, openListener, type RequestHandler } from "./listener.ts";
import { handleRequest } from "./request-handler.ts";
import { RequestLog } from "./request-log.ts";
import { StorageOrigin } from "./storage-origin.ts";
import { Store } from "./store.ts";

const hourMs = 60 * 60 * 1000;

/** Opens the listeners of an emulator and ties its parts together. */
export async function startServers(options: EmulatorOptions): Promise<EcrEmulator> {
  const clock = options.clock ?? { now: () => Date.now() };
  const { tokenLifetimeMs, storageUrlLifetimeMs = hourMs } = options;
  const store = new Store({ clock, ...(tokenLifetimeMs !== undefined && { tokenLifetimeMs }) });
  const context = new EmulatorContext({ options, store, faults: new FaultInjector(), log: new RequestLog() });
  const storage = new StorageOrigin({ store, urlLifetimeMs: storageUrlLifetimeMs });
  const listeners = new AsyncDisposableStack();
  const open: Listener[] = [];
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
    const handle: RequestHandler = (listener, request, response) =>
      void handleRequest({ context, storage, api }, { endpoint, listener }, request, response);
    const listener = await openListener({ port, clock, handle });
    listeners.use(listener);
    open.push(listener);
    return listener.address;
  };
  try {
    storage.listensAt(`http://${await listen({ serves: "storage" })}`);
    url = `http://${await listen({ serves: "all" }, options.port)}`;
  } catch (error) {
    await listeners.disposeAsync();
    throw error;
  }
  const reopen = async () => {
    await Promise.all(open.map((listener) => listener.reopen()));
  };
  return emulatorOf({ context, storage, url, listeners, listen, reopen });
}

interface EmulatorParts {
  readonly context: EmulatorContext;
  readonly storage: StorageOrigin;
  readonly url: string;
  readonly listeners: AsyncDisposableStack;
  readonly listen: (endpoint: Endpoint) => Promise<string>;
  readonly reopen: () => Promise<void>;
}

function emulatorOf({ context, storage, url, listeners, listen, reopen }: EmulatorParts): EcrEmulator {
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
    async clearFaults() {
      faults.clear();
      await reopen();
    },
    [Symbol.asyncDispose]: () => listeners.disposeAsync(),
  };
}
