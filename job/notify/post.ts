import { createHash } from "node:crypto";
import { beginningOf } from "../async/beginning-of.ts";
import type { Clock } from "../async/clock.ts";
import { retry } from "../async/retry.ts";
import { type ErrorCode, PromoterError } from "../error.ts";
import type { Network } from "../registry/network.ts";
import { networkError } from "../registry/network-error.ts";
import { printableSpeech } from "../registry/redact.ts";
import { parseRetryAfter } from "../registry/retry-after.ts";

export interface Posting {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

export interface PostOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** Milliseconds that one attempt may take, and all of them with the waits between. */
  readonly attemptMs: number;
  readonly totalMs: number;
  readonly signal: AbortSignal;
  readonly onRetry?: (error: unknown, waitMs: number) => void;
}

const policy = { attempts: 4, baseMs: 500, maxMs: 5_000 };
const maxHops = 3;
const maxSpokenBytes = 2_000;

/**
 * Posts JSON to an address that the user named, and again where that may help. Errors name its origin alone: the rest of
 * a webhook's address is a secret. A redirect is followed on the same origin only, where it asks for the same request.
 *
 * @throws {PromoterError} `Timeout`, `Network`, `RedirectRefused`; `Denied`, `TooManyRequests`, `Unavailable`,
 * `InvalidResponse` by the answer's status.
 */
export async function post(posting: Posting, options: PostOptions): Promise<void> {
  const { network, clock, totalMs, signal, onRetry } = options;
  network.allow(posting.url);
  const deadline = AbortSignal.timeout(totalMs);
  const within = AbortSignal.any([signal, deadline]);
  let retryAfterMs: number | undefined;
  const attempt = async () => {
    retryAfterMs = undefined;
    const { status, retryAfter, text } = await send(posting, options, within);
    if (status >= 200 && status < 300) return;
    retryAfterMs = parseRetryAfter(retryAfter, clock.now());
    throw refusal(posting.url, status, text);
  };
  try {
    await retry(attempt, {
      ...policy,
      clock,
      signal: within,
      retryable: (error) => error instanceof PromoterError && error.temporary && (retryAfterMs ?? true),
      ...(onRetry && { onRetry: (error, _attempt, waitMs) => onRetry(error, waitMs) }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw deadline.aborted ? late(posting.url, totalMs) : error;
  }
}

interface Received {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The beginning of what was said. */
  readonly text: string;
}

async function send(posting: Posting, options: PostOptions, within: AbortSignal): Promise<Received> {
  const { attemptMs } = options;
  const slow = AbortSignal.timeout(attemptMs);
  const signal = AbortSignal.any([within, slow]);
  let { url } = posting;
  try {
    for (let hop = 0; ; hop += 1) {
      const { location, ...received } = await sendTo(url, posting, options, signal);
      if ((received.status !== 307 && received.status !== 308) || location === undefined) return received;
      url = sameOrigin(url, location, hop);
    }
  } catch (error) {
    within.throwIfAborted();
    if (slow.aborted) throw late(url, attemptMs);
    throw explained(error, url);
  }
}

async function sendTo(
  url: URL,
  { headers, body }: Posting,
  { network, attemptMs: timeoutMs }: PostOptions,
  signal: AbortSignal,
) {
  const response = await network.clientFor(url).send({
    path: url.pathname + url.search,
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      "user-agent": network.userAgent,
      // Whoever sees it twice has it twice because the first answer got lost.
      "idempotency-key": createHash("sha256").update(body).digest("hex"),
    },
    body,
    timeoutMs,
    signal,
  });
  const text = await beginningOf(response.body, maxSpokenBytes);
  const { "retry-after": retryAfter, location } = response.headers;
  return { status: response.status, retryAfter: first(retryAfter), location: first(location), text };
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function sameOrigin(from: URL, location: string, hop: number): URL {
  const target = URL.parse(location, from.href);
  if (hop < maxHops && target?.origin === from.origin) return target;
  const where = target === null || target.origin === "null" ? "to what is no address" : `to ${target.origin}`;
  throw new PromoterError("RedirectRefused", `Refused to follow where ${from.origin} leads, ${where}`, {
    hint: "Notify the address itself that it leads to",
  });
}

function refusal(url: URL, status: number, text: string): PromoterError {
  const said = text.trim() === "" ? "" : `: ${printableSpeech(text.trim(), 300)}`;
  const temporary = status === 408 || status === 425 || status === 429 || status >= 500;
  return new PromoterError(codeOf(status), `${url.origin} answered ${status}${said}`, {
    status,
    temporary,
    hint: temporary ? "See what is wrong there" : "Check the address and the headers to notify with",
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return "Denied";
  if (status === 429) return "TooManyRequests";
  return status >= 500 ? "Unavailable" : "InvalidResponse";
}

function late({ origin }: URL, ms: number): PromoterError {
  return new PromoterError("Timeout", `${origin} did not answer within ${ms / 1000} s`, {
    temporary: true,
    hint: `See that ${origin} can be reached from here: network policies, proxies`,
  });
}

/** The network's words, without the path. */
function explained(error: unknown, url: URL): unknown {
  const told = networkError(error, {
    kind: "list",
    method: "POST",
    url: new URL(url.origin),
    doing: "notify",
    host: url.host,
    repository: "",
  });
  if (!(told instanceof PromoterError) || told.code === "RedirectRefused") return told;
  const { code, message, temporary } = told;
  const hint = temporary
    ? `See that ${url.origin} can be reached from here: network policies, proxies`
    : `Check the address; a certificate of an authority of your own is trusted by NODE_EXTRA_CA_CERTS`;
  return new PromoterError(code, message, { temporary, hint });
}
