import { BlockList, isIP, isIPv4 } from "node:net";
import { PromoterError } from "../error.ts";
import { isLoopbackHost, literalAddress } from "./address-rules.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Which proxy, if any, requests to an origin go through. */
export type ProxyChoice = (origin: URL) => URL | undefined;

interface Exception {
  /** `*`, a domain name, or an address. */
  readonly host: string;
  /** True for `*.example.com`: what is below the name, not the name itself. */
  readonly onlyBelow: boolean;
  readonly port: string | undefined;
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, each also in lower case, which goes first, as curl and Docker do:
 * `HTTP_PROXY` is for http, `HTTPS_PROXY` for https; `NO_PROXY` lists names (which cover what is below them),
 * addresses, address ranges, and `*`, each with a port or without. This machine itself is never reached by a proxy.
 *
 * {@link https://everything.curl.dev/usingcurl/proxies/env.html}
 * {@link https://docs.docker.com/engine/cli/proxy/}
 *
 * @throws {PromoterError} `InvalidConfiguration` when a proxy's address cannot be used.
 */
export function proxiesOf(env: Environment): ProxyChoice {
  const http = proxyAddress(env, "http_proxy");
  const https = proxyAddress(env, "https_proxy");
  const isExcepted = exceptionsOf(either(env, "no_proxy") ?? "");
  return (origin) => {
    const proxy = origin.protocol === "https:" ? https : http;
    return proxy === undefined || isLoopbackHost(origin) || isExcepted(origin) ? undefined : proxy;
  };
}

function either(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

function proxyAddress(env: Environment, name: string): URL | undefined {
  const text = either(env, name)?.trim();
  if (text === undefined || text === "") return undefined;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url !== null && isUsable(url)) return url;
  // The value stays out of the message: it may hold the proxy's password.
  throw new PromoterError(
    "InvalidConfiguration",
    `${name.toUpperCase()} is not the address of an HTTP proxy`,
    {
      hint: `Set ${name.toUpperCase()} to something like http://proxy.example.com:3128, and write a % in its password as %25`,
    },
  );
}

function isUsable({ protocol, username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return protocol === "http:" || protocol === "https:";
}

function exceptionsOf(text: string): (origin: URL) => boolean {
  const ranges = new BlockList();
  const exceptions: Exception[] = [];
  for (const entry of text.split(/[\s,]+/)) {
    if (entry !== "" && !addRange(ranges, entry)) exceptions.push(exceptionOf(entry));
  }
  return (origin) => {
    const address = literalAddress(origin);
    if (address !== undefined && ranges.check(address, isIPv4(address) ? "ipv4" : "ipv6")) return true;
    const host = address ?? origin.hostname.replace(/\.$/, "");
    const port = origin.port || (origin.protocol === "https:" ? "443" : "80");
    return exceptions.some((exception) => covers(exception, host, port));
  };
}

function addRange(ranges: BlockList, entry: string): boolean {
  const [network = "", prefix, ...rest] = entry.split("/");
  const family = isIP(network);
  if (family === 0 || prefix === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false;
  ranges.addSubnet(network, Number(prefix), family === 4 ? "ipv4" : "ipv6");
  return true;
}

function exceptionOf(entry: string): Exception {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  // A bare IPv6 address has colons that begin no port.
  const name = (bracketed ?? plain ?? entry).toLowerCase();
  const host = name === "*" ? name : name.replace(/^\*?\./, "").replace(/\.$/, "");
  return { host, onlyBelow: name.startsWith("*."), port };
}

function covers({ host, onlyBelow, port }: Exception, wanted: string, wantedPort: string): boolean {
  if (port !== undefined && port !== wantedPort) return false;
  if (host === "*") return true;
  return (
    (wanted === host && !onlyBelow) || (host !== "" && isIP(wanted) === 0 && wanted.endsWith(`.${host}`))
  );
}
