import { isLoopbackHost } from "./address-rules.ts";
import { resolveOnOrigin } from "./redirect.ts";

/** Where a registry is reached, and under which name it knows itself. */
export interface RegistryOrigin {
  /** The registry's own origin, as its `Location` and `Link` headers may name it: `https://registry.example`. */
  readonly name: URL;
  /** Where to connect: the same, or an endpoint that stands in for it. */
  readonly endpoint: URL;
}

export interface OriginOptions {
  readonly host: string;
  readonly endpoint?: URL;
  readonly plainHttp?: boolean;
}

/** Docker Hub's references name a host that is not its registry. */
const dockerHub = { host: "docker.io", registry: "registry-1.docker.io" };

/** The origin of `host`: loopback hosts speak plain HTTP unless told otherwise, as with docker and crane. */
export function originOf({ host, endpoint, plainHttp }: OriginOptions): RegistryOrigin {
  const registry = host === dockerHub.host ? dockerHub.registry : host;
  const plain = plainHttp ?? isLoopbackHost(new URL(`http://${registry}`));
  const scheme = endpoint?.protocol ?? (plain ? "http:" : "https:");
  const name = new URL(`${scheme}//${registry}`);
  return { name, endpoint: endpoint === undefined ? name : new URL(endpoint.origin) };
}

/** An address under the registry's own name becomes one at the endpoint; any other stays as it is. */
export function atEndpoint({ name, endpoint }: RegistryOrigin, url: URL): URL {
  return url.origin === name.origin ? new URL(url.pathname + url.search, endpoint) : url;
}

/**
 * An address that the registry tells us to use next, where we connect.
 *
 * @throws {PromoterError} `RedirectRefused` when it leads away from the registry or to another scheme.
 */
export function resolveOnRegistry(registry: RegistryOrigin, location: string, from: URL): URL {
  const target = URL.parse(location, from.href);
  const own = target?.origin === registry.name.origin && target.username === "" && target.password === "";
  return resolveOnOrigin({
    location: own ? atEndpoint(registry, target).href : location,
    from,
    origin: registry.endpoint,
  });
}
