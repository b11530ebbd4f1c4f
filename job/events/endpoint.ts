import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse, reply } from "../http-server/listener.ts";
import { answerProbe, type Readiness } from "../http-server/probes.ts";
import { type Body, readBody } from "../http-server/request-body.ts";
import type { HandleEvents } from "./event-promoter.ts";
import { type EventReport, errorsOf } from "./event-report.ts";

export interface EndpointOptions {
  readonly handle: HandleEvents;
  /** The header that holds the secret; nobody is asked for one when absent. */
  readonly authorization?: { readonly header: string; readonly secret: string };
  /** Requests that are worked on at the same time; others are told to come back. */
  readonly most: number;
  /** Milliseconds after which a request is answered in any case. Default: 4 seconds, EventBridge gives up after 5. */
  readonly answerWithinMs?: number;
  readonly readiness: Readonly<Readiness>;
}

/** EventBridge's events are smaller: 1 MiB with everything. */
const mostBytes = 1024 * 1024;
const defaultAnswerMs = 4_000;
const comeBack = { "retry-after": "5" };

/**
 * Answers EventBridge's API destinations: an event at `POST /events`. It says 200 only after all is done. A promotion
 * that takes longer than EventBridge waits goes on while the sender is told to ask again: the repeated event finds it
 * under way, or done. Statuses are chosen by what EventBridge repeats: 401, 429 and 5xx; not what will never succeed.
 * {@link https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html}
 */
export function eventEndpoint(
  options: EndpointOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { readiness, authorization, most } = options;
  let working = 0;
  return (request, response) => {
    if (answerProbe(request, response, readiness)) return;
    if (request.url?.replace(/\?.*$/s, "") !== "/events")
      return refuse(response, 404, "Events go to /events");
    if (request.method !== "POST") {
      return refuse(response, 405, "Events come by POST", { allow: "POST" });
    }
    if (authorization !== undefined && !isAuthorized(request, authorization)) {
      return refuse(response, 401, `The secret in ${authorization.header} is missing or wrong`);
    }
    if (!readiness.ready || working >= most)
      return refuse(response, readiness.ready ? 429 : 503, "Try again later", comeBack);
    working += 1;
    void answerEvent(request, response, options).finally(() => {
      working -= 1;
    });
  };
}

async function answerEvent(
  request: IncomingMessage,
  response: ServerResponse,
  { handle, answerWithinMs = defaultAnswerMs }: EndpointOptions,
): Promise<void> {
  const body: Body = await readBody(request, mostBytes);
  if (body.state === "gone") return;
  if (body.state !== "whole") return refuse(response, 413, `An event has at most ${mostBytes} bytes`);
  const timer = setTimeout(
    () => refuse(response, 503, "The promotion is under way; ask again for its result", comeBack),
    answerWithinMs,
  );
  const reports = await handle(body.text);
  clearTimeout(timer);
  const [report] = reports;
  const status = statusOf(reports);
  reply(
    response,
    status,
    reports.length === 1 && report !== undefined ? report : { items: reports },
    status === 503 ? comeBack : {},
  );
}

function statusOf(reports: readonly EventReport[]): number {
  if (!reports.some(({ outcome }) => outcome === "failed")) return 200;
  const errors = reports.flatMap(errorsOf);
  if (errors.every(({ temporary }) => temporary)) return 503;
  return errors.some(({ code }) => code === "InvalidInput") ? 400 : 422;
}

/** Compares digests, which are of one length, so that time tells nothing of the secret. */
function isAuthorized(
  { headers }: IncomingMessage,
  { header, secret }: { readonly header: string; readonly secret: string },
): boolean {
  const given = headers[header.toLowerCase()];
  return typeof given === "string" && timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
