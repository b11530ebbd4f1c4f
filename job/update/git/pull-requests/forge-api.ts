import { beginningOf } from "../../../async/beginning-of.ts";
import { type ErrorCode, PromoterError } from "../../../error.ts";
import type { Network } from "../../../registry/network.ts";
import { printableSpeech, withoutCredentials } from "../../../registry/redact.ts";

/** The API of a server, for one project. */
export interface ForgeApi {
  /** The project's path: `team/deploy`. */
  readonly project: string;
  /**
   * Asks with a path behind the API's address. Gives the answer's JSON.
   *
   * @throws {PromoterError} `Unauthorized`, `Denied`, `TooManyRequests`, `Unavailable`, `InvalidResponse`, `Network`,
   * `Timeout`.
   */
  ask(method: "GET" | "POST" | "PUT" | "PATCH", path: string, body?: object): Promise<unknown>;
}

export interface ForgeApiOptions {
  readonly network: Network;
  /** Of the API, without a slash at its end. */
  readonly address: string;
  readonly project: string;
  readonly authorization: string;
  readonly signal: AbortSignal;
}

const timeoutMs = 30_000;
const maxAnswerBytes = 8 * 1024 * 1024;

export function forgeApi(options: ForgeApiOptions): ForgeApi {
  const { network, address, project, authorization, signal } = options;
  return {
    project,
    async ask(method, path, body) {
      const url = new URL(`${address}${path}`);
      network.allow(url);
      const late = AbortSignal.timeout(timeoutMs);
      try {
        const response = await network.clientFor(url).send({
          path: url.pathname + url.search,
          method,
          headers: {
            authorization,
            accept: "application/json",
            "user-agent": network.userAgent,
            ...(body && { "content-type": "application/json" }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          timeoutMs,
          signal: AbortSignal.any([signal, late]),
        });
        const text = await beginningOf(response.body, maxAnswerBytes);
        if (response.status >= 200 && response.status < 300) return parsed(text, url);
        throw refusal(url, response.status, withoutCredentials(text, authorization));
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof PromoterError ? error : unreachable(url, late.aborted, error);
      }
    },
  };
}

function parsed(text: string, { origin }: URL): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PromoterError(
      "InvalidResponse",
      `${origin} answered about pull requests with what is no JSON`,
      {
        hint: "Check the address of the API in update.git.pullRequests",
        cause,
      },
    );
  }
}

function refusal({ origin }: URL, status: number, text: string): PromoterError {
  const said = text.trim() === "" ? "" : `: ${printableSpeech(text.trim(), 300)}`;
  const temporary = status === 408 || status === 429 || status >= 500;
  return new PromoterError(codeOf(status), `${origin} answered ${status} about pull requests${said}`, {
    status,
    temporary,
    hint: temporary
      ? "See what is wrong there"
      : "Give credentials with a token that may open pull requests, and check forge and api of update.git.pullRequests",
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return "Unauthorized";
  if (status === 403 || status === 404) return "Denied";
  if (status === 429) return "TooManyRequests";
  return status >= 500 ? "Unavailable" : "InvalidResponse";
}

function unreachable({ origin }: URL, late: boolean, cause: unknown): PromoterError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = late
    ? `${origin} did not answer within ${timeoutMs / 1000} s`
    : `Cannot ask ${origin}: ${printableSpeech(reason, 200)}`;
  return new PromoterError(late ? "Timeout" : "Network", message, {
    temporary: true,
    hint: `See that ${origin} can be reached from here: network policies, proxies`,
    cause,
  });
}
