import { lookup as systemLookup } from "node:dns";
import type { LookupFunction, Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from "undici";
import {
  addressKind,
  addressRefused,
  guardedLookup,
  isLoopbackHost,
  literalAddress,
} from "./address-rules.ts";
import type { Connect } from "./blob-connection.ts";
import { BlobConnections } from "./blob-connections.ts";
import { trustedContext } from "./certificates.ts";
import { type ProxyChoice, proxiesOf } from "./proxy.ts";
import { sharedLookup } from "./shared-lookup.ts";

export interface NetworkOptions {
  /** `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `NODE_EXTRA_CA_CERTS` are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many connections one origin gets; a request holds one until its body has ended. */
  readonly connectionsPerOrigin: number;
  readonly connectTimeoutMs: number;
  /** From the request's end to the answer's headers. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of an answer's body. */
  readonly bodyTimeoutMs: number;
  /** How requests introduce this program: `argocd-image-promoter/1.2.3`. Default: its name alone. */
  readonly userAgent?: string;
  /** How names become addresses; the system's resolver unless given. */
  readonly lookup?: LookupFunction;
}

/**
 * The connections to all origins. An origin that was not named by the user (where a registry redirects, its token
 * service) is not connected to when it is this machine, link-local, multicast or unspecified; private addresses are
 * fine, because that is where VPC endpoints live. Through a proxy only addresses written out can be judged.
 */
export interface Network extends AsyncDisposable {
  /** What every request says of who sends it: registries' logs, and their support, go by it. */
  readonly userAgent: string;
  /**
   * Connections to one origin, kept open between requests.
   *
   * @param sentBy the origin of the registry that named this one, if that is not the same: a registry on this machine
   * may lead to others on this machine.
   * @throws {PromoterError} `RedirectRefused` when the origin is an address that may not be connected to. A name that
   * turns out to have such an address fails the request with the same error.
   */
  dispatcherFor(origin: URL, sentBy?: URL): Dispatcher;
  /**
   * Connections to one origin that large bodies are read from, by the same rules; undefined where there are none, through
   * a proxy for one.
   *
   * @param host the name that requests carry, which the certificate has to be for; the origin's unless given.
   * @throws {PromoterError} `RedirectRefused`, as {@link dispatcherFor} does.
   */
  blobConnectionsFor(origin: URL, sentBy?: URL, host?: string): BlobConnections | undefined;
  /** Says that the user named this origin: it may be anywhere. */
  allow(origin: URL): void;
}

/** @throws {PromoterError} `InvalidConfiguration` when the environment names an unusable proxy or certificate file. */
export function openNetwork(options: NetworkOptions): Network {
  return new PooledNetwork(options);
}

const defaultUserAgent = "argocd-image-promoter";
const keepAliveMs = 30_000;

/** Whom an origin owes its connections to: the user, a registry on this machine, or any registry. */
type Trust = "named" | "local" | "foreign";

class PooledNetwork implements Network {
  readonly userAgent: string;
  readonly #options: NetworkOptions;
  readonly #lookup: LookupFunction;
  readonly #proxyFor: ProxyChoice;
  readonly #secureContext: SecureContext | undefined;
  readonly #named = new Set<string>();
  /** For origins that the user named by name: whether every address found for them was this machine. */
  readonly #onThisMachine = new Map<string, boolean>();
  readonly #pools: Readonly<Record<Trust, Map<string, Dispatcher>>> = {
    named: new Map(),
    local: new Map(),
    foreign: new Map(),
  };
  readonly #blobConnections: Readonly<Record<Trust, Map<string, BlobConnections>>> = {
    named: new Map(),
    local: new Map(),
    foreign: new Map(),
  };
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(options: NetworkOptions) {
    this.userAgent = options.userAgent ?? defaultUserAgent;
    this.#options = options;
    this.#lookup = sharedLookup(options.lookup ?? (systemLookup as LookupFunction));
    this.#proxyFor = proxiesOf(options.env);
    this.#secureContext = trustedContext(options.env);
  }

  allow(origin: URL): void {
    this.#named.add(origin.origin);
  }

  dispatcherFor(origin: URL, sentBy?: URL): Dispatcher {
    const trust = this.#trust(origin, sentBy);
    const pools = this.#pools[trust];
    let pool = pools.get(origin.origin);
    if (pool === undefined) {
      pool = this.#open(origin, trust);
      pools.set(origin.origin, pool);
    }
    return pool;
  }

  blobConnectionsFor(origin: URL, sentBy?: URL, host: string = origin.host): BlobConnections | undefined {
    if (this.#proxyFor(origin) !== undefined) return undefined;
    const trust = this.#trust(origin, sentBy);
    const all = this.#blobConnections[trust];
    const key = `${host} ${origin.origin}`;
    const known = all.get(key) ?? this.#openBlobConnections(origin, trust, host);
    all.set(key, known);
    return known.isPlain ? known : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const all of Object.values(this.#blobConnections)) {
      for (const connections of all.values()) connections[Symbol.dispose]();
    }
    const all = [
      ...Object.values(this.#pools).flatMap((pools) => [...pools.values()]),
      ...this.#proxies.values(),
    ];
    for (const pools of Object.values(this.#pools)) pools.clear();
    this.#proxies.clear();
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
  }

  #trust(origin: URL, sentBy: URL | undefined): Trust {
    if (this.#named.has(origin.origin)) return "named";
    if (sentBy === undefined || !this.#named.has(sentBy.origin)) return "foreign";
    return isLoopbackHost(sentBy) || this.#onThisMachine.get(sentBy.origin) === true ? "local" : "foreign";
  }

  #open(origin: URL, trust: Trust): Dispatcher {
    this.#judgeLiteral(origin, trust);
    const proxy = this.#proxyFor(origin);
    if (proxy !== undefined) return throughProxy(this.#proxy(proxy), origin);
    return new Pool(origin.origin, { ...this.#limits(), connect: this.#connection(origin, trust) });
  }

  #openBlobConnections(origin: URL, trust: Trust, host: string): BlobConnections {
    this.#judgeLiteral(origin, trust);
    const settings = this.#connection(origin, trust);
    const connect: Connect = (onread, signal) =>
      connected(buildConnector({ ...settings, onread }), origin, host, signal);
    return new BlobConnections({ connect, keepAliveMs });
  }

  #judgeLiteral(origin: URL, trust: Trust): void {
    const literal = literalAddress(origin);
    if (literal !== undefined) this.#judge(origin, trust, [literal]);
  }

  #connection(origin: URL, trust: Trust) {
    return {
      timeout: this.#options.connectTimeoutMs,
      allowH2: false,
      lookup: guardedLookup(this.#lookup, (addresses) => this.#judge(origin, trust, addresses)),
      ...(this.#secureContext && { secureContext: this.#secureContext }),
    };
  }

  #judge(origin: URL, trust: Trust, addresses: readonly string[]): void {
    const kinds = addresses.map(addressKind);
    if (trust === "named") {
      const before = this.#onThisMachine.get(origin.origin) ?? true;
      this.#onThisMachine.set(origin.origin, before && kinds.every((kind) => kind === "loopback"));
      return;
    }
    const refused = kinds.find((kind) => kind === "reserved" || (kind === "loopback" && trust !== "local"));
    if (refused !== undefined) throw addressRefused(origin, refused);
  }

  #proxy(url: URL): ProxyAgent {
    const known = this.#proxies.get(url.href);
    if (known !== undefined) return known;
    const tls = { allowH2: false, ...(this.#secureContext && { secureContext: this.#secureContext }) };
    const { connectTimeoutMs } = this.#options;
    const agent = new ProxyAgent({
      ...this.#limits(),
      uri: url.href,
      connectTimeout: connectTimeoutMs,
      requestTls: tls,
      proxyTls: tls,
      // The tunnel is part of connecting, and the proxy's answer to CONNECT is waited for no longer than that.
      clientFactory: (proxy, opts) => new Pool(proxy, { ...opts, headersTimeout: connectTimeoutMs }),
    });
    this.#proxies.set(url.href, agent);
    return agent;
  }

  #limits(): Pool.Options {
    const { connectionsPerOrigin, connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = this.#options;
    return {
      connections: connectionsPerOrigin,
      // HTTP/2 would put all layers on one connection, which is slower than several.
      allowH2: false,
      pipelining: 1,
      connectTimeout: connectTimeoutMs,
      headersTimeout: headersTimeoutMs,
      bodyTimeout: bodyTimeoutMs,
      keepAliveTimeout: keepAliveMs,
    };
  }
}

/** One proxy serves many origins, so each request has to be told its own. */
function throughProxy(agent: ProxyAgent, origin: URL): Dispatcher {
  return agent.compose(
    (dispatch) => (options, handler) => dispatch({ ...options, origin: origin.origin }, handler),
  );
}

/** Connects, and gives up when the signal says so. */
async function connected(
  connect: (options: buildConnector.Options, callback: buildConnector.Callback) => unknown,
  { protocol, hostname, port }: URL,
  host: string,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  // Node knows an IPv6 address without the brackets that a URL has around it.
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  // Its types keep to themselves that it returns the socket.
  const connecting = connect({ protocol, hostname: bare, host, port }, (error, socket) => {
    signal?.removeEventListener("abort", abort);
    if (error !== null) reject(error);
    else resolve(socket);
  }) as Socket;
  const abort = () => {
    reject(signal?.reason);
    connecting.destroy(new Error("nobody waits for the connection any more"));
  };
  signal?.addEventListener("abort", abort, { once: true });
  return promise;
}
