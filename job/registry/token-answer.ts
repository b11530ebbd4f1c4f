import { PromoterError } from "../error.ts";
import { redactUrl } from "./redact.ts";

export interface BearerToken {
  readonly token: string;
  /** How long the service says that the token is good, in milliseconds. */
  readonly lifetimeMs: number;
}

/** What a token service answered, and to what. */
export interface TokenAnswer {
  readonly status: number;
  readonly text: string;
  /** The registry's host. */
  readonly host: string;
  readonly method: string;
  readonly url: URL;
  /** Whether the token was asked for without credentials. */
  readonly anonymous: boolean;
}

/** What the specification says of an answer without `expires_in`. */
const defaultLifetimeMs = 60_000;

/**
 * Reads a token service's answer.
 *
 * @throws {PromoterError} `Unauthorized` when it is a refusal; `InvalidResponse`, `TooManyRequests` or `Unavailable`
 * when there is no usable token in it.
 */
export function readToken(answered: TokenAnswer): BearerToken {
  const { status, text, url } = answered;
  if (status !== 200) throw statusError(answered);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // Without its cause: the parser's message quotes the answer, which holds the token.
    throw badAnswer(url, "what is no JSON");
  }
  if (typeof answer !== "object" || answer === null) throw badAnswer(url, "no JSON object");
  const { token, access_token: accessToken, expires_in: expiresIn } = answer as Record<string, unknown>;
  const chosen = token || accessToken;
  if (typeof chosen !== "string" || !/^[\x21-\x7e]+$/.test(chosen)) throw badAnswer(url, "no usable token");
  const seconds = typeof expiresIn === "string" ? Number(expiresIn) : expiresIn;
  return { token: chosen, lifetimeMs: isDuration(seconds) ? seconds * 1000 : defaultLifetimeMs };
}

function isDuration(seconds: unknown): seconds is number {
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0;
}

/** The body stays out of the message: services have been seen to repeat what they were sent. */
function statusError({ status, host, url, method, anonymous }: TokenAnswer): PromoterError {
  const request = `${method} ${redactUrl(url)}`;
  // OAuth2 answers 400 to a refresh token that is no longer good.
  if ([400, 401, 403].includes(status)) {
    const who = anonymous ? "without credentials" : "with these credentials";
    return new PromoterError("Unauthorized", `The token service of ${host} gives no token ${who}`, {
      request,
      status,
      hint: `Log in with docker login ${host}, or correct the credentials that this program is given for it`,
    });
  }
  const temporary = status === 408 || status === 429 || status >= 500;
  const code = status === 429 ? "TooManyRequests" : status >= 500 ? "Unavailable" : "InvalidResponse";
  return new PromoterError(code, `The token service of ${host}, ${redactUrl(url)}, answered ${status}`, {
    request,
    status,
    temporary,
    hint: temporary
      ? "Run again later"
      : `See what ${url.host} is: it does not answer as a token service does`,
  });
}

/** The error of a service that does not answer as the specification says. */
export function badAnswer(url: URL, what: string): PromoterError {
  return new PromoterError("InvalidResponse", `The token service ${redactUrl(url)} answered with ${what}`, {
    request: redactUrl(url),
    hint: `See what ${url.host} is: it does not answer as a token service does`,
  });
}
