import { request as openRequest } from "node:http";
import type { Socket } from "node:net";
import { ProxyRefusal } from "./proxy-refusal.ts";

export interface TunnelOptions {
  /** The connection to the proxy. */
  readonly proxy: Socket;
  /** `host:port` to lead to. */
  readonly to: string;
  /** `Basic …`, where the proxy wants to know who asks. */
  readonly authorization?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Lets a proxy lead its connection on to another host, and resolves to that connection.
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6}
 *
 * @throws {ProxyRefusal} when it does not; what the connection met; the signal's reason.
 */
export async function openTunnel({ proxy, to, authorization, signal }: TunnelOptions): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const asked = openRequest({
    method: "CONNECT",
    path: to,
    headers: { host: to, ...(authorization !== undefined && { "proxy-authorization": authorization }) },
    setHost: false,
    createConnection: () => proxy,
    signal,
  });
  asked.once("connect", ({ statusCode = 0 }, socket, head) => {
    if (statusCode !== 200) return reject(new ProxyRefusal(statusCode));
    // The other side says nothing before it is spoken to.
    if (head.length > 0) return reject(new Error("the proxy sent what nobody asked for"));
    resolve(socket as Socket);
  });
  asked.on("error", (error) => reject(signal.aborted ? signal.reason : error));
  asked.end();
  try {
    return await promise;
  } catch (error) {
    proxy.destroy();
    throw error;
  }
}
