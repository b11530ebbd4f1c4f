import type { Socket } from "node:net";
import { basicAuthorization } from "./basic-authorization.ts";
import { type ConnectOptions, connect, type Destination, tooLate } from "./connect.ts";
import type { HttpClient } from "./http-client.ts";
import { ProxyRefusal } from "./proxy-refusal.ts";
import { openTunnel } from "./tunnel.ts";

/**
 * A connection to an `https:` origin through a proxy's tunnel.
 *
 * @param proxy the proxy's address, with its name and password where it wants them.
 * @throws {ProxyRefusal} when the proxy does not lead there; what {@link connect} throws.
 */
export async function connectThrough(proxy: URL, to: Destination, options: ConnectOptions): Promise<Socket> {
  const { timeoutMs, signal } = options;
  const { origin } = to;
  // The tunnel is part of connecting, and nobody waits longer for all of it.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tooLate(origin, timeoutMs)), timeoutMs);
  const either = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
  try {
    const tunnel = await openTunnel({
      proxy: await connect({ origin: proxy }, { ...options, sessions: {}, signal: either }),
      to: `${origin.hostname}:${origin.port || 443}`,
      authorization: proxyAuthorization(proxy),
      timeoutMs,
      signal: either,
    });
    return await connect(to, { ...options, over: tunnel, signal: either });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends requests for an `http:` origin to a proxy that forwards them.
 * {@link https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2}
 *
 * @param client connected to the proxy. Its requests fail with {@link ProxyRefusal} when the proxy wants to know who asks.
 */
export function forwardedBy(proxy: URL, origin: URL, client: HttpClient): HttpClient {
  const authorization = proxyAuthorization(proxy);
  return {
    async send(request) {
      const response = await client.send({
        ...request,
        path: `${origin.origin}${request.path}`,
        headers: {
          ...request.headers,
          ...(authorization !== undefined && { "proxy-authorization": authorization }),
        },
      });
      if (response.status !== 407) return response;
      response.body.destroy();
      throw new ProxyRefusal(response.status);
    },
    prepare: (connections) => client.prepare(connections),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return basicAuthorization(decodeURIComponent(username), decodeURIComponent(password));
}
