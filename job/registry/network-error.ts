import { type ErrorCode, PromoterError } from "../error.ts";
import { ProxyRefusal } from "../http-client/proxy-refusal.ts";
import { printableSpeech, redactUrl } from "./redact.ts";
import { placeOf, type RequestContext } from "./response-error.ts";

/**
 * The error of a request that got no answer, or not the whole of one. An abort by the caller and errors of our own
 * pass as they are.
 */
export function networkError(error: unknown, context: RequestContext): unknown {
  const own = chainOf(error).find((link) => link instanceof PromoterError);
  if (own !== undefined) return own;
  const code = codeOf(error);
  if (!(error instanceof Error) || error.name === "AbortError") return error;
  const { kind, what, temporary, hint } = refusedByProxy(error) ?? explain(code, context.url.hostname);
  return new PromoterError(
    kind,
    `Cannot ${context.doing} at ${placeOf(context)}: ${what ?? printableSpeech(lastMessage(error), 300)}`,
    { cause: error, request: `${context.method} ${redactUrl(context.url)}`, temporary, hint },
  );
}

interface Explanation {
  readonly kind: ErrorCode;
  readonly what?: string;
  readonly temporary: boolean;
  readonly hint: string;
}

const certificates =
  /^(?:CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|HOSTNAME_MISMATCH)/;

function refusedByProxy(error: Error): Explanation | undefined {
  const refusal = chainOf(error).find((link) => link instanceof ProxyRefusal);
  if (refusal === undefined) return undefined;
  const { status } = refusal;
  if (status === 407) {
    return {
      kind: "Network",
      what: "the proxy wants to know who asks (407)",
      temporary: false,
      hint: "Write the proxy's name and password into its address, HTTPS_PROXY=http://name:password@proxy:port, or except the host in NO_PROXY",
    };
  }
  return {
    kind: "Network",
    what: `the proxy refused to connect (${status})`,
    temporary: status === 408 || status === 429 || status >= 500,
    hint: "Let the proxy allow the host, or except the host in NO_PROXY",
  };
}

function explain(code: string, host: string): Explanation {
  if (code === "ETIMEDOUT") {
    return {
      kind: "Timeout",
      what: `${host} did not answer in time`,
      temporary: true,
      hint: `See that ${host} can be reached from here: routes, security groups, network policies, proxies`,
    };
  }
  if (certificates.test(code)) {
    return {
      kind: "Network",
      temporary: false,
      hint: `If the certificate of ${host} is signed by an authority of your own, name its file in NODE_EXTRA_CA_CERTS`,
    };
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return {
      kind: "Network",
      what: `${host} does not speak TLS`,
      temporary: false,
      hint: `If ${host} is meant to speak plain HTTP, pass --insecure-registry ${host}`,
    };
  }
  if (code === "ENOTFOUND") {
    return {
      kind: "Network",
      what: `no address is known for ${host}`,
      temporary: false,
      hint: `Correct the host's name, or see that the DNS server knows ${host}`,
    };
  }
  if (code === "EBADMSG") {
    return {
      kind: "InvalidResponse",
      what: `what ${host} sent is no HTTP`,
      temporary: true,
      hint: `See what listens at ${host}: it does not answer as a registry does`,
    };
  }
  return {
    kind: "Network",
    temporary: true,
    hint: `Run again; if it happens again, see what lies between here and ${host}`,
  };
}

/** The error, what caused it, what caused that, and the members of aggregates (one connection try per address). */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link instanceof Error && chain.length < 8; link = link.cause) {
    chain.push(link, ...(link instanceof AggregateError ? link.errors : []));
  }
  return chain;
}

function codeOf(error: unknown): string {
  const chain = chainOf(error);
  const codes = chain.map((link) => (link as { code?: unknown }).code);
  const known = codes.filter((code) => typeof code === "string");
  // The innermost code says most.
  return known.at(-1) ?? "";
}

function lastMessage(error: Error): string {
  const messages = chainOf(error).map((link) => (link instanceof Error ? link.message : ""));
  return messages.findLast((message) => message !== "") ?? error.name;
}
