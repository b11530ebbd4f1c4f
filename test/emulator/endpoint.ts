import type { IncomingHttpHeaders } from "node:http";
import { type RegistryRoute, readRoute } from "./registry/route.ts";
import { type RegistryAddress, readRegistryHost } from "./registry-host.ts";
import type { EmulatedKind } from "./request-log.ts";

/** What a listener is: everything by Host header, one registry whatever the Host, or the storage. */
export type Endpoint =
  | { readonly serves: "all" }
  | { readonly serves: "registry"; readonly registry: RegistryAddress }
  | { readonly serves: "storage" };

/** What a request is for. */
export interface Addressed {
  readonly kind: EmulatedKind;
  readonly registry?: RegistryAddress;
  readonly route?: RegistryRoute;
  /** The operation of the ECR API; that of STS stands in its body. */
  readonly target?: string;
}

const targetPrefix = "AmazonEC2ContainerRegistry_V20150921.";

/** Reads which part of the emulator a request is for. */
export function addressOf(
  endpoint: Endpoint,
  method: string,
  url: URL,
  headers: IncomingHttpHeaders,
): Addressed {
  if (endpoint.serves === "storage") return { kind: "storage" };
  const target = headers["x-amz-target"];
  if (endpoint.serves === "all" && typeof target === "string" && target.startsWith(targetPrefix)) {
    return { kind: "ecr-api", target: target.slice(targetPrefix.length) };
  }
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  if (endpoint.serves === "all" && method === "POST" && url.pathname === "/" && isForm)
    return { kind: "sts" };
  const registry = endpoint.serves === "registry" ? endpoint.registry : readRegistryHost(headers.host ?? "");
  const route = readRoute(method, url.pathname);
  return {
    kind: registry === undefined ? "unknown" : (route?.kind ?? "unknown"),
    ...(registry && { registry }),
    ...(registry && route && { route }),
  };
}
