import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, reply } from "./listener.ts";
import { answerProbe, type Readiness } from "./probes.ts";

/** Answers what is asked of it, and tells whether it did. */
export type Page = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface PlainEndpointOptions {
  readonly readiness: Readonly<Readiness>;
  /** What is told at `/metrics`, with its content type. */
  readonly metrics: { readonly type: string; readonly text: () => string };
  /** What else there is to see, in the order in which they are asked. */
  readonly pages: readonly Page[];
}

/** Answers those who look after this process: probes, `/metrics`, and pages to look at. */
export function plainEndpoint({ readiness, metrics, pages }: PlainEndpointOptions): Answer {
  return (request, response) => {
    if (answerProbe(request, response, readiness)) return;
    if (request.url === "/metrics" && (request.method === "GET" || request.method === "HEAD")) {
      response.writeHead(200, { "content-type": metrics.type, "cache-control": "no-store" });
      response.end(metrics.text());
      return;
    }
    if (pages.some((page) => page(request, response))) return;
    reply(response, 404, { error: "There are /healthz, /readyz and /metrics" });
  };
}
