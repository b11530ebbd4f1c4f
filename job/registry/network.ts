import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { addressOf, type ConnectOptions, connect, type Destination } from "../http-client/connect.ts";
import { takeEarlyConnection } from "../http-client/early-connections.ts";
import { type HttpClient, openHttpClient } from "../http-client/http-client.ts";
import { connectThrough, forwardedBy } from "../http-client/proxy-client.ts";
import { sharedLookup } from "../http-client/shared-lookup.ts";
import {
  addressKind,
  addressRefused,
  guardedLookup,
  isLoopbackHost,
  literalAddress,
} from "./address-rules.ts";
import { BlobConnections } from "./blob-connections.ts";
import { trustedContext } from "./certificates.ts";
import { type ProxyChoice, proxiesOf } from "./proxy.ts";

export interface NetworkOptions {
  /** `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `NODE_EXTRA_CA_CERTS` are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How many connections one origin gets; a request holds one until its body has ended. */
  readonly connectionsPerOrigin: number;
  readonly connectTimeoutMs: number;
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
   * @param host the name that requests carry, which the certificate has to be for; the origin's unless given.
   * @throws {PromoterError} `RedirectRefused` when the origin is an address that may not be connected to. A name that
   * turns out to have such an address fails the request with the same error.
   */
  clientFor(origin: URL, sentBy?: URL, host?: string): HttpClient;
  /**
   * Connections to one origin that large bodies are read from, by the same rules; undefined where there are none, through
   * a proxy for one.
   *
   * @throws {PromoterError} `RedirectRefused`, as {@link clientFor} does.
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
/** Milliseconds for a connection that was begun at the start to be there; then another is opened in its place. */
const earlyMs = 2_000;

/** Whom an origin owes its connections to: the user, a registry on this machine, or any registry. */
type Trust = "named" | "local" | "foreign";

/** The connections to one origin. */
interface Connections extends Disposable {
  readonly client: HttpClient;
  /** None through a proxy. */
  readonly blobs: BlobConnections | undefined;
}

class PooledNetwork implements Network {
  readonly userAgent: string;
  readonly #options: NetworkOptions;
  readonly #lookup: LookupFunction;
  readonly #proxyFor: ProxyChoice;
  readonly #secureContext: SecureContext | undefined;
  readonly #named = new Set<string>();
  /** For origins that the user named by name: whether every address found for them was this machine. */
  readonly #onThisMachine = new Map<string, boolean>();
  readonly #open = new Map<string, Connections>();

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

  clientFor(origin: URL, sentBy?: URL, host?: string): HttpClient {
    return this.#connectionsFor(origin, sentBy, host).client;
  }

  blobConnectionsFor(origin: URL, sentBy?: URL, host?: string): BlobConnections | undefined {
    const { blobs } = this.#connectionsFor(origin, sentBy, host);
    return blobs?.isPlain === true ? blobs : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connections of this.#open.values()) connections[Symbol.dispose]();
  }

  #connectionsFor(origin: URL, sentBy: URL | undefined, host: string = origin.host): Connections {
    const trust = this.#trust(origin, sentBy);
    const key = `${trust} ${host} ${origin.origin}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const literal = literalAddress(origin);
    if (literal !== undefined) this.#judge(origin, trust, [literal]);
    const proxy = this.#proxyFor(origin);
    const opened =
      proxy === undefined ? this.#direct(origin, trust, host) : this.#proxied(origin, host, proxy);
    this.#open.set(key, opened);
    return opened;
  }

  #trust(origin: URL, sentBy: URL | undefined): Trust {
    if (this.#named.has(origin.origin)) return "named";
    if (sentBy === undefined || !this.#named.has(sentBy.origin)) return "foreign";
    return isLoopbackHost(sentBy) || this.#onThisMachine.get(sentBy.origin) === true ? "local" : "foreign";
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

  #direct(origin: URL, trust: Trust, host: string): Connections {
    const lookup = guardedLookup(this.#lookup, (addresses) => this.#judge(origin, trust, addresses));
    const settings = { ...this.#settings(), lookup };
    const to = { origin, host };
    const client = this.#client(host, async (signal) => {
      const early = trust === "named" && (await this.#early(to, { ...settings, signal }));
      return early || connect(to, { ...settings, signal });
    });
    const blobs = new BlobConnections({
      connect: (onread, signal) => connect(to, { ...settings, onread, signal }),
      keepAliveMs,
    });
    return {
      client,
      blobs,
      [Symbol.dispose]() {
        client[Symbol.dispose]();
        blobs[Symbol.dispose]();
      },
    };
  }

  /** A connection to where the user named that was begun when the program started; undefined where there is none. */
  async #early(to: Destination, options: ConnectOptions): Promise<Socket | undefined> {
    const { host, port } = addressOf(to.origin);
    const early = takeEarlyConnection(host, port);
    // Its name is looked up by then, and if not, it is as if it were not there.
    if (early === undefined || (isIP(host) === 0 && early.addresses.length === 0)) return undefined;
    this.#judge(to.origin, "named", early.addresses);
    const timeoutMs = Math.min(earlyMs, options.timeoutMs);
    // Whatever it meets, the usual way says it better.
    return connect(to, { ...options, timeoutMs, over: early.socket }).catch(() => undefined);
  }

  /** Where a name leads is found by the proxy, so that only addresses written out could be judged. */
  #proxied(origin: URL, host: string, proxy: URL): Connections {
    const settings = { ...this.#settings(), lookup: this.#lookup };
    const isTunnelled = origin.protocol === "https:";
    const client = isTunnelled
      ? this.#client(host, (signal) => connectThrough(proxy, { origin, host }, { ...settings, signal }))
      : this.#client(host, (signal) => connect({ origin: proxy }, { ...settings, signal }));
    return {
      client: isTunnelled ? client : forwardedBy(proxy, origin, client),
      blobs: undefined,
      [Symbol.dispose]: () => client[Symbol.dispose](),
    };
  }

  #client(host: string, open: (signal: AbortSignal) => Promise<Socket>): HttpClient {
    const connections = this.#options.connectionsPerOrigin;
    return openHttpClient({ host, connect: open, connections, keepAliveMs });
  }

  #settings(): ConnectOptions {
    return {
      timeoutMs: this.#options.connectTimeoutMs,
      ...(this.#secureContext && { tls: { secureContext: this.#secureContext } }),
      sessions: {},
    };
  }
}
