import { PromoterError } from "../error.ts";
import type { ResponseBody } from "../http-client/response-body.ts";
import type { Waiting } from "../oci/content.ts";
import { basicHeader } from "./basic-authorizer.ts";
import type { Credentials } from "./credentials.ts";
import type { Network } from "./network.ts";
import { networkError } from "./network-error.ts";
import { redactUrl } from "./redact.ts";
import { type BearerToken, badAnswer, readToken } from "./token-answer.ts";
import type { TokenService } from "./token-service.ts";

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
  /** Milliseconds for the whole exchange, so that a service which drips its answer holds nobody up. Default 30,000. */
  readonly timeoutMs?: number;
}

/** A token and what stands around it; real ones have a few KiB. */
const maxAnswerBytes = 128 * 1024;
const clientId = "argocd-image-promoter";

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
  const { credentials, host, signal, timeoutMs = 30_000 } = request;
  const isRefresh = credentials?.kind === "identity-token";
  const exchange = isRefresh ? refreshExchange(request, credentials.token) : tokenExchange(request);
  const { method, url } = exchange;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send(
      { ...request, timeoutMs },
      exchange,
      signal ? AbortSignal.any([signal, deadline]) : deadline,
    );
    return readToken({ ...answer, host, method, url, anonymous: credentials === undefined });
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.aborted) throw tooSlow(host, url);
    const doing = `get a token for ${host}`;
    throw networkError(error, { kind: "list", method, url, doing, host: url.host, repository: "" });
  }
}

interface Exchange {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
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
  { network, origin, timeoutMs }: TokenRequest & { readonly timeoutMs: number },
  exchange: Exchange,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const { method, url, headers, body } = exchange;
  const { status, body: answer } = await network.clientFor(new URL(url.origin), origin).send({
    method,
    path: url.pathname + url.search,
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": network.userAgent,
      ...headers,
    },
    ...(body !== undefined && { body }),
    timeoutMs,
    signal,
  });
  return { status, text: await readCapped(answer, url) };
}

async function readCapped(body: ResponseBody, url: URL): Promise<string> {
  const whole = await body.bytes({ limit: maxAnswerBytes });
  if (whole === undefined) throw badAnswer(url, `more than ${maxAnswerBytes} bytes`);
  return whole.toString("utf8");
}

function tooSlow(host: string, url: URL): PromoterError {
  return new PromoterError("Timeout", `The token service of ${host}, ${redactUrl(url)}, took too long`, {
    temporary: true,
    hint: `Run again; if it happens again, see whether ${url.host} works as it should`,
  });
}
