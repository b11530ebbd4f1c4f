import { PromoterError } from "../error.ts";
import type { ByteStream, Waiting } from "../oci/content.ts";
import { isLoopbackHost } from "./address-rules.ts";
import { type Answer, discard } from "./answer.ts";
import type { HostBackoff } from "./host-backoff.ts";
import type { Network } from "./network.ts";
import { networkError } from "./network-error.ts";
import type { RequestKind } from "./pacing.ts";
import { printable, redactUrl } from "./redact.ts";
import { followRedirect, mayCarryCredentials } from "./redirect.ts";
import { atEndpoint, type RegistryOrigin } from "./registry-origin.ts";
import { placeOf, type RequestContext } from "./response-error.ts";

/** One request, and what it may be told on the way. */
export interface Exchange extends RequestContext, Waiting {
  readonly method: "DELETE" | "GET" | "HEAD" | "PATCH" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes, bytes in pieces, or a stream, which can be sent once. */
  readonly body?: Uint8Array | readonly Uint8Array[] | ByteStream;
  /** Whether its answer may have so many bytes that reading them at the least cost matters. */
  readonly large?: boolean;
  /** Milliseconds to wait for the answer's head, and between two pieces of its body. */
  readonly timeoutMs: number;
}

export interface Answered {
  readonly kind: RequestKind;
  readonly method: string;
  readonly status: number;
  readonly host: string;
}

export interface Wire {
  readonly origin: RegistryOrigin;
  readonly network: Network;
  readonly backoff: HostBackoff;
  /** Whether the registry may redirect to this host; its own is always right. Default: any. */
  readonly mayLeadTo?: (host: string) => boolean;
  /** Called for each answer, those of redirects included; status 0 for none. */
  readonly onAnswer?: (answered: Answered) => void;
}

/** Registries that have led on from a large answer: theirs are small, and the connections that are warm do for them. */
const leadingOn = new WeakSet<Wire>();

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows where a GET or HEAD is redirected to. Credentials stay on the registry's own origin.
 *
 * @throws {PromoterError} `Network`, `Timeout`, `RedirectRefused`.
 */
export async function exchange(
  wire: Wire,
  request: Exchange,
  authorization: string | undefined,
): Promise<Answer> {
  let url = request.url;
  let carries = true;
  for (let hop = 1; ; hop += 1) {
    const answer = await sendTo(wire, request, url, carries ? authorization : undefined);
    const location = answer.headers.location;
    const follows = request.method === "GET" || request.method === "HEAD";
    if (!follows || !redirects.has(answer.status) || location === undefined) return answer;
    await discard(answer);
    if (request.large === true) leadingOn.add(wire);
    const { endpoint } = wire.origin;
    url = atEndpoint(wire.origin, followRedirect({ from: url, location, origin: endpoint, hop }));
    if (url.origin !== endpoint.origin) assertMayLeadTo(wire, request, url);
    carries &&= mayCarryCredentials(url, endpoint);
  }
}

/** A registry on this machine may lead to others on this machine: the network sees to it that it goes no further. */
function assertMayLeadTo({ origin, mayLeadTo }: Wire, request: Exchange, target: URL): void {
  if (mayLeadTo === undefined || mayLeadTo(target.hostname)) return;
  if (isLoopbackHost(origin.endpoint) && isLoopbackHost(target)) return;
  throw new PromoterError(
    "RedirectRefused",
    `Cannot ${request.doing} at ${placeOf(request)}: it leads to ${printable(target.host, 300)}, which is not where this registry keeps its blobs`,
    {
      request: `${request.method} ${redactUrl(request.url)}`,
      hint: `See what rewrites the registry's answers; if its blobs are meant to come from there, pass --blob-host ${printable(target.hostname, 300)}`,
    },
  );
}

/** Ends a body that keeps dripping: between two of its pieces there is never long enough a pause. */
function endInTime(body: Answer["body"], request: Exchange): void {
  const timer = setTimeout(() => body.destroy(tooSlow(request)), request.timeoutMs);
  timer.unref();
  body.once("close", () => clearTimeout(timer));
}

function tooSlow(request: Exchange): PromoterError {
  return new PromoterError(
    "Timeout",
    `Cannot ${request.doing} at ${placeOf(request)}: the answer has not come to its end after ${request.timeoutMs / 1000} s`,
    {
      temporary: true,
      request: `${request.method} ${redactUrl(request.url)}`,
      hint: "See what slows the connection down, or run again later",
    },
  );
}

async function sendTo(
  wire: Wire,
  request: Exchange,
  url: URL,
  authorization: string | undefined,
): Promise<Answer> {
  const { origin, network, backoff, onAnswer } = wire;
  const { kind, method, signal } = request;
  const own = url.origin === origin.endpoint.origin;
  const host = own ? origin.name.host : url.host;
  await backoff.wait(url.host, request);
  try {
    const headers = {
      "accept-encoding": "identity",
      "user-agent": network.userAgent,
      ...request.headers,
      host: own ? origin.name.host : url.host,
      ...(authorization !== undefined && { authorization }),
    };
    const isLarge = request.large === true && !(own && leadingOn.has(wire));
    const answer =
      (isLarge ? await askForLarge(wire, request, url, headers) : undefined) ??
      (await ask(wire, request, url, headers));
    const { status } = answer;
    // Blobs are watched by whoever reads them; everything else is small, and comes at once or not at all.
    if (kind !== "blob-read" || status >= 300) endInTime(answer.body, { ...request, url });
    onAnswer?.({ kind, method, status, host });
    return { ...answer, url, fromStorage: !own };
  } catch (error) {
    signal?.throwIfAborted();
    onAnswer?.({ kind, method, status: 0, host });
    throw networkError(error, { ...request, url });
  }
}

type Answering = Pick<Answer, "status" | "headers" | "body">;
type Headers = Readonly<Record<string, string>>;

function ask(
  { origin, network }: Wire,
  { method, body, timeoutMs, signal }: Exchange,
  url: URL,
  headers: Headers,
): Promise<Answering> {
  const path = url.pathname + url.search;
  const client = network.clientFor(url, origin.endpoint, headers.host);
  return client.send({ method, path, headers, ...(body !== undefined && { body }), timeoutMs, signal });
}

/** Undefined where that answer has to be asked for as every other is. */
function askForLarge(
  { origin, network }: Wire,
  { timeoutMs, signal }: Exchange,
  url: URL,
  headers: Headers,
): Promise<Answering | undefined> | undefined {
  const path = url.pathname + url.search;
  const connections = network.blobConnectionsFor(url, origin.endpoint, headers.host);
  return connections?.get({ path, headers, timeoutMs, signal });
}
