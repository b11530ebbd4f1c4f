import type { Clock } from "../async/clock.ts";
import { type RetryPolicy, retry } from "../async/retry.ts";
import { PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import { type Answer, readErrorText } from "./answer.ts";
import type { Scope } from "./authorization.ts";
import type { Authorizer } from "./authorizer.ts";
import { isDamage } from "./damage.ts";
import { type Exchange, exchange, type Wire } from "./exchange.ts";
import { networkError } from "./network-error.ts";
import type { Pacer, RequestKind } from "./pacing.ts";
import { printableSpeech, withoutCredentials } from "./redact.ts";
import { type RegistryHints, responseError, saysExpired } from "./response-error.ts";
import { parseRetryAfter } from "./retry-after.ts";
import { waitingOf } from "./waiting.ts";
import { parseWarnings } from "./warning-header.ts";

export interface RegistryRequest extends Exchange {
  readonly actions: Scope["actions"];
  /** Another repository that has to be readable as well. */
  readonly mountFrom?: string;
  /** The statuses that are answers; every other becomes an error. */
  readonly ok: readonly number[];
  /** Whether it must not be sent again by itself: a stream cannot, and a piece of an upload must not be. */
  readonly once?: boolean;
}

/** Sends a request and reads its answer. `read` is done with the body when it resolves, or hands it on. */
export type Send = <T>(request: RegistryRequest, read: (answer: Answer) => Promise<T>) => Promise<T>;

export interface SenderOptions {
  readonly wire: Wire;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry: RetryPolicy;
  readonly hints: RegistryHints;
  readonly pacer: Pacer;
}

/**
 * Opens the one way by which all requests to a registry go: held back by the pacer, authorised, repeated where that
 * may help, with the registry's warnings in the log.
 */
export function openSender(options: SenderOptions): Send {
  const { clock, retry: policy, log } = options;
  const warn = warnOnce(log);
  return async (request, read) => {
    let retryAfterMs: number | undefined;
    let damages = 0;
    const attempt = async () => {
      retryAfterMs = undefined;
      const { answer, text } = await authorized(options, request);
      warn(answer, request.host);
      if (text === undefined) return reading(request, answer, read);
      retryAfterMs = parseRetryAfter(answer.headers["retry-after"], clock.now());
      slowDown(options, request, answer, retryAfterMs);
      throw responseError(
        { ...request, url: answer.url },
        { status: answer.status, text, fromStorage: answer.fromStorage },
        options.hints,
      );
    };
    return retry(attempt, {
      ...policy,
      clock,
      attempts: request.once === true ? 1 : policy.attempts,
      ...waitingOf(request),
      retryable: (error) => {
        if (error instanceof PromoterError && error.temporary) return retryAfterMs ?? true;
        damages += 1;
        return provenHere.has(request.kind) && isDamage(error) && damages <= damagesAllowed;
      },
      onRetry: (error, attempt, waitMs) => {
        const level = isDamage(error) ? "warn" : "debug";
        log[level]({ attempt, waitMs, error: String(error) }, `Trying again to ${request.doing}`);
      },
    });
  };
}

interface AnswerOrError {
  readonly answer: Answer;
  /** The error's text; undefined when the status is one of those asked for. */
  readonly text?: string;
}

/** How often an answer may fail its proof before that is final. */
const damagesAllowed = 1;

/** What is proven as it is read. Blobs are proven by whoever commits them, who looks at them once more as well. */
const provenHere: ReadonlySet<RequestKind> = new Set(["manifest-read", "blob-check"]);

/** How often one request is authorised anew: once for a challenge, once for a token that has expired. */
const maxRenewals = 2;

async function authorized(options: SenderOptions, request: RegistryRequest): Promise<AnswerOrError> {
  const { authorizer, pacer, wire } = options;
  const { repository, actions, mountFrom } = request;
  const waiting = waitingOf(request);
  const mounting = mountFrom === undefined ? {} : { mountFrom };
  const scope = { repository, actions };
  for (let renewals = 0; ; renewals += 1) {
    const sent = await authorizer.headerFor(scope, { ...waiting, ...mounting });
    await pacer.admit(request.kind, waiting);
    const answer = await exchange(wire, request, sent);
    if (request.ok.includes(answer.status)) return { answer };
    const text = withoutCredentials(await readErrorText(answer), sent);
    const tokenExpired = saysExpired(answer.status, text);
    const unproven = !answer.fromStorage && (tokenExpired || [401, 403].includes(answer.status));
    if (!unproven || renewals === maxRenewals) return { answer, text };
    const { status } = answer;
    const refusal = { status, wwwAuthenticate: challengesOf(answer), tokenExpired, sent, scope, ...mounting };
    if (!(await authorizer.refused(refusal, waiting))) return { answer, text };
    if (isStream(request.body)) throw expiredOnTheWay(request, status);
  }
}

function isStream(body: RegistryRequest["body"]): boolean {
  return body !== undefined && Symbol.asyncIterator in body;
}

/** A stream is gone when its request is refused: whoever sends it begins anew, now with the new token. */
function expiredOnTheWay(request: RegistryRequest, status: number): PromoterError {
  return new PromoterError("TokenExpired", `Cannot ${request.doing}: the token expired on the way`, {
    temporary: true,
    status,
    hint: "Run again: the token has been renewed",
  });
}

function challengesOf({ headers }: Answer): readonly string[] {
  const value = headers["www-authenticate"];
  return value === undefined ? [] : [value];
}

async function reading<T>(
  request: RegistryRequest,
  answer: Answer,
  read: (answer: Answer) => Promise<T>,
): Promise<T> {
  try {
    return await read(answer);
  } catch (error) {
    answer.body.destroy();
    request.signal?.throwIfAborted();
    throw networkError(error, { ...request, url: answer.url });
  }
}

/** Makes what else goes to that host wait too, when the host said that there is too much; the pacer knows of what kind. */
function slowDown(
  { wire, pacer, retry: policy }: SenderOptions,
  request: RegistryRequest,
  answer: Answer,
  retryAfterMs: number | undefined,
): void {
  if (answer.status !== 429 && retryAfterMs === undefined) return;
  if (answer.status === 429 && !answer.fromStorage) pacer.throttled(request.kind, retryAfterMs);
  else wire.backoff.hold(answer.url.host, retryAfterMs ?? policy.baseMs);
}

/** Most different warnings of one registry that reach the log. */
const maxWarnings = 100;

function warnOnce(log: Log): (answer: Answer, host: string) => void {
  const seen = new Set<string>();
  return (answer, host) => {
    for (const warning of parseWarnings(answer.headers.warning)) {
      if (seen.has(warning) || seen.size >= maxWarnings) continue;
      seen.add(warning);
      log.warn({ host }, `The registry warns: ${printableSpeech(warning, 4096)}`);
    }
  };
}
