import type { Dispatcher } from "undici";
import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { basicHeader } from "./basic-authorizer.ts";
import type { Credentials } from "./credentials.ts";
import type { Network } from "./network.ts";
import { networkError } from "./network-error.ts";
import { printable, redactUrl } from "./redact.ts";

/** A registry's token service, as its challenge names it. */
export interface TokenService {
  readonly realm: URL;
  readonly service: string | undefined;
}

export interface TokenRequest extends Waiting {
  /** The registry's host as in references, for messages. */
  readonly host: string;
  /** The registry's origin. */
  readonly origin: URL;
  readonly tokenService: TokenService;
  /** `repository:team/app:pull`, one or more. */
  readonly scopes: readonly string[];
  /** Undefined for a token that anybody may have. */
  readonly credentials: Credentials | undefined;
  readonly network: Network;
}

export interface BearerToken {
  readonly token: string;
  /** How long the service says that the token is good, in milliseconds. */
  readonly lifetimeMs: number;
}

/** A token and what stands around it; real ones have a few KiB. */
const maxAnswerBytes = 128 * 1024;
/** Milliseconds for the whole exchange, so that a service which drips its answer holds nobody up. */
const exchangeTimeoutMs = 30_000;
/** What the specification says of an answer without `expires_in`. */
const defaultLifetimeMs = 60_000;
const clientId = "argocd-image-promoter";

/**
 * The token service of a `Bearer` challenge.
 *
 * @throws {PromoterError} `RedirectRefused` when the realm is no http(s) address, names a user, or is plain http for a
 * registry that speaks https.
 */
export function tokenServiceOf(origin: URL, parameters: ReadonlyMap<string, string>): TokenService {
  const realm = URL.parse(parameters.get("realm") ?? "");
  if (realm === null) throw realmRefused(origin, "no address");
  if (realm.username !== "" || realm.password !== "")
    throw realmRefused(origin, "one with a user name in it");
  const allowed = origin.protocol === "https:" ? ["https:"] : ["https:", "http:"];
  if (!allowed.includes(realm.protocol))
    throw realmRefused(origin, `${redactUrl(realm)}, which is not https`);
  realm.hash = "";
  return { realm, service: parameters.get("service") };
}

/**
 * Asks a token service for a token: by GET, with the name and password where there are any, or by OAuth2 with a
 * refresh token.
 *
 * {@link https://distribution.github.io/distribution/spec/auth/token/}
 * {@link https://distribution.github.io/distribution/spec/auth/oauth/}
 *
 * @throws {PromoterError} `Unauthorized` when the service refuses; `InvalidResponse`, `TooManyRequests`,
 * `Unavailable`, `Network` or `Timeout` when it gives no usable token; `RedirectRefused` when it is a place where the
 * registry may not send us.
 */
export async function fetchBearerToken(request: TokenRequest): Promise<BearerToken> {
  const { credentials, host, signal } = request;
  const exchange =
    credentials?.kind === "identity-token"
      ? refreshExchange(request, credentials.token)
      : tokenExchange(request);
  const deadline = AbortSignal.timeout(exchangeTimeoutMs);
  const { url } = exchange;
  try {
    const answer = await send(request, exchange, signal ? AbortSignal.any([signal, deadline]) : deadline);
    return readToken(answer, request, exchange);
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.aborted) {
      throw new PromoterError("Timeout", `The token service of ${host}, ${redactUrl(url)}, took too long`, {
        temporary: true,
        hint: `Run again; if it happens again, see whether ${url.host} works as it should`,
      });
    }
    const doing = `get a token for ${host}`;
    throw networkError(error, {
      kind: "list",
      method: exchange.method,
      url,
      doing,
      host: url.host,
      repository: "",
    });
  }
}

interface Exchange {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function tokenExchange({ tokenService, scopes, credentials }: TokenRequest): Exchange {
  const url = new URL(tokenService.realm);
  if (tokenService.service !== undefined) url.searchParams.set("service", tokenService.service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const authorization = basicHeader(credentials);
  if (credentials?.kind === "basic") url.searchParams.set("account", credentials.username);
  return { method: "GET", url, headers: authorization === undefined ? {} : { authorization } };
}

function refreshExchange({ tokenService, scopes }: TokenRequest, refreshToken: string): Exchange {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: clientId,
    refresh_token: refreshToken,
    scope: scopes.join(" "),
    ...(tokenService.service !== undefined && { service: tokenService.service }),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: tokenService.realm, headers, body: form.toString() };
}

async function send(
  { network, origin }: TokenRequest,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<Answer> {
  const { method, url, headers, body } = exchange;
  const dispatcher = network.dispatcherFor(new URL(url.origin), origin);
  const response = await dispatcher.request({
    method,
    origin: url.origin,
    path: url.pathname + url.search,
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": clientId,
      ...headers,
    },
    ...(body !== undefined && { body }),
    signal,
  });
  return { status: response.statusCode, text: await readCapped(response.body, url) };
}

async function readCapped(body: Dispatcher.ResponseData["body"], url: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw badAnswer(url, `more than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readToken(
  { status, text }: Answer,
  { host, credentials }: TokenRequest,
  { method, url }: Exchange,
): BearerToken {
  if (status !== 200) throw statusError(status, { host, url, method, anonymous: credentials === undefined });
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

interface RefusedExchange {
  readonly host: string;
  readonly url: URL;
  readonly method: string;
  readonly anonymous: boolean;
}

/** The body stays out of the message: services have been seen to repeat what they were sent. */
function statusError(status: number, { host, url, method, anonymous }: RefusedExchange): PromoterError {
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

function badAnswer(url: URL, what: string): PromoterError {
  return new PromoterError("InvalidResponse", `The token service ${redactUrl(url)} answered with ${what}`, {
    request: redactUrl(url),
    hint: `See what ${url.host} is: it does not answer as a token service does`,
  });
}

function realmRefused(origin: URL, what: string): PromoterError {
  return new PromoterError(
    "RedirectRefused",
    `Refused to ask for a token where ${origin.host} says: the realm of its challenge is ${printable(what, 500)}`,
    {
      hint: `Check that ${origin.host} is the registry that is meant, and how its token service is configured`,
    },
  );
}
