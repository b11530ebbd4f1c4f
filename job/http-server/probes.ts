import type { IncomingMessage, ServerResponse } from "node:http";
import { reply } from "./listener.ts";

/** Whether this process can do what it is for. */
export interface Readiness {
  ready: boolean;
}

/**
 * Answers a kubelet's probes: `/healthz` while the process lives, `/readyz` while it takes events.
 *
 * @returns false for what is no probe.
 */
export function answerProbe(
  request: IncomingMessage,
  response: ServerResponse,
  { ready }: Readonly<Readiness>,
): boolean {
  const { method, url } = request;
  if (url !== "/healthz" && url !== "/readyz") return false;
  if (method !== "GET" && method !== "HEAD") {
    reply(response, 405, { error: "Probes are asked by GET" }, { allow: "GET, HEAD" });
    return true;
  }
  const isWell = url === "/healthz" || ready;
  reply(response, isWell ? 200 : 503, { status: isWell ? "ok" : "not ready" });
  return true;
}
