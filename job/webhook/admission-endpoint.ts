import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../async/clock.ts";
import { asPromoterError } from "../error.ts";
import { type Answer, refuse, reply } from "../http-server/listener.ts";
import { type BodyOptions, readBody } from "../http-server/request-body.ts";
import type { Admission } from "./admission.ts";
import { type AdmissionDecision, type AdmissionRequest, readReview, reviewOf } from "./admission-review.ts";
import { deadlineMs } from "./deadline.ts";

export interface AdmissionEndpointOptions {
  /** What answers each path: `/admit`, `/validate`. */
  readonly admissions: Readonly<Record<string, Admission>>;
  readonly clock: Pick<Clock, "now">;
  /** The longest that anybody is kept waiting, in milliseconds, however patient the API server is. */
  readonly longestMs?: number;
  /** Told of each request that was answered. */
  readonly observe?: (answered: AnsweredRequest) => void;
}

export interface AnsweredRequest {
  readonly path: string;
  /** Absent for what is no admission request. */
  readonly request?: AdmissionRequest;
  readonly decision?: AdmissionDecision;
  readonly durationMs: number;
}

/** An object has at most 1.5 MiB in the API server's store, and an update brings it twice, written at more length. */
const mostBytes = 6 * 1024 * 1024;
/** All bodies that are being read, so that no number of them takes the memory. */
const mostBytesAtOnce = 64 * 1024 * 1024;

/** Answers admission requests of an API server, each within its patience. */
export function admissionEndpoint(options: AdmissionEndpointOptions): Answer {
  const { admissions } = options;
  let bytesUnderWay = 0;
  return (request, response) => {
    const { pathname } = addressOf(request);
    const admission = Object.hasOwn(admissions, pathname) ? admissions[pathname] : undefined;
    if (admission === undefined) {
      return refuse(response, 404, `Admission requests go to ${Object.keys(admissions).join(" and ")}`);
    }
    if (request.method !== "POST") {
      return refuse(response, 405, "Admission requests come by POST", { allow: "POST" });
    }
    let held = 0;
    // What has come is counted, not what is said to come: nobody takes room by words.
    const hold = (bytes: number) => {
      if (bytesUnderWay + bytes > mostBytesAtOnce) return false;
      held += bytes;
      bytesUnderWay += bytes;
      return true;
    };
    void answerReview(request, response, { ...options, admission, pathname, hold }).finally(() => {
      bytesUnderWay -= held;
    });
  };
}

interface Answering extends AdmissionEndpointOptions, BodyOptions {
  readonly admission: Admission;
  readonly pathname: string;
}

async function answerReview(
  request: IncomingMessage,
  response: ServerResponse,
  { admission, pathname, clock, longestMs, observe, hold }: Answering,
): Promise<void> {
  const startedAt = clock.now();
  const timeout = addressOf(request).searchParams.get("timeout");
  const late = AbortSignal.timeout(deadlineMs(timeout, longestMs));
  const ended = (known: Pick<AnsweredRequest, "request" | "decision">) =>
    observe?.({ path: pathname, ...known, durationMs: clock.now() - startedAt });
  try {
    const body = await readBody(request, mostBytes, { ...(hold && { hold }) });
    if (body.state === "gone") return;
    if (body.state !== "whole") {
      if (body.state === "no-room")
        refuse(response, 503, "Too many requests at once", { "retry-after": "1" });
      else refuse(response, 413, `A request has at most ${mostBytes} bytes`);
      return ended({});
    }
    const review = readReview(body.text);
    const decision = await admission(review, late);
    reply(response, 200, reviewOf(review.uid, decision));
    ended({ request: review, decision });
  } catch (thrown) {
    refuse(response, 400, asPromoterError(thrown).message);
    ended({});
  }
}

function addressOf({ url = "/" }: IncomingMessage): URL {
  return URL.parse(url, "https://webhook") ?? new URL("https://webhook");
}
