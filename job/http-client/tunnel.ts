import type { Socket } from "node:net";
import { ProxyRefusal } from "./proxy-refusal.ts";
import { requestHead } from "./request-head.ts";
import { roundTrip } from "./round-trip.ts";

export interface TunnelOptions {
  /** The connection to the proxy. */
  readonly proxy: Socket;
  /** `host:port` to lead to. */
  readonly to: string;
  /** `Basic …`, where the proxy wants to know who asks. */
  readonly authorization?: string | undefined;
  /** Milliseconds to wait for the proxy's answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Lets a proxy lead its connection on to another host, and resolves to that connection.
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6}
 *
 * @throws {ProxyRefusal} when it does not; what the connection met; the signal's reason.
 */
export async function openTunnel({
  proxy,
  to,
  authorization,
  timeoutMs,
  signal,
}: TunnelOptions): Promise<Socket> {
  const headers = {
    host: to,
    ...(authorization !== undefined && { "proxy-authorization": authorization }),
  };
  const request = { method: "CONNECT", path: to, headers, timeoutMs, signal };
  const { promise: isKept, resolve } = Promise.withResolvers<boolean>();
  try {
    const onOver = (idleMs: number | undefined) => resolve(idleMs !== 0);
    const answer = await roundTrip({ socket: proxy, request, head: requestHead(request), onOver });
    if (answer.status !== 200) throw new ProxyRefusal(answer.status);
    // The other side says nothing before it is spoken to.
    if (!(await isKept)) throw new Error("the proxy sent what nobody asked for");
    return proxy;
  } catch (error) {
    proxy.destroy();
    throw error;
  }
}
