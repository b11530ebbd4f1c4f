import { PromoterError } from "../error.ts";
import type { HttpClient } from "../http-client/http-client.ts";
import type { ResponseBody } from "../http-client/response-body.ts";
import type { ApiAccess } from "./pod.ts";
import type { ReadFile } from "./surroundings.ts";

export interface ApiQuestion {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: string;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the whole answer has to be there, a stream's end included. */
  readonly timeoutMs: number;
}

export interface ApiConnection {
  readonly access: ApiAccess;
  readonly readFile: ReadFile;
  readonly client: HttpClient;
  /** Milliseconds to wait for the head of an answer; `timeoutMs` of the question unless given. */
  readonly headMs?: number;
}

/** An answer of which the body is still to be read. */
export interface ApiAnswer {
  /** Method and address. */
  readonly request: string;
  readonly status: number;
  readonly body: ResponseBody;
  /** What a failure while the body is read means. */
  readonly failure: (cause: unknown) => unknown;
}

/**
 * Sends a request, with the token as it stands in its file now.
 *
 * @throws {PromoterError} `CredentialsUnavailable`, `Timeout`, `Network`; the signal's reason when it is aborted.
 */
export async function askApi(
  { access, readFile, client, headMs }: ApiConnection,
  question: ApiQuestion,
): Promise<ApiAnswer> {
  const { method, path, body, contentType = "application/json", signal, timeoutMs } = question;
  const address = new URL(path, access.server);
  const request = `${method} ${address}`;
  const token = await readToken(access, readFile);
  const deadline = AbortSignal.timeout(timeoutMs);
  const failure = (cause: unknown) =>
    signal?.aborted ? signal.reason : unreachable(request, timeoutMs, deadline.aborted, cause);
  try {
    const answer = await client.send({
      path: address.pathname + address.search,
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        accept: "application/json",
        ...(body !== undefined && { "content-type": contentType }),
      },
      ...(body !== undefined && { body }),
      timeoutMs: headMs ?? timeoutMs,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    return { request, status: answer.status, body: answer.body, failure };
  } catch (cause) {
    throw failure(cause);
  }
}

async function readToken({ token, tokenPath }: ApiAccess, readFile: ReadFile): Promise<string | undefined> {
  if (tokenPath === undefined) return token;
  try {
    return (await readFile(tokenPath)).trim();
  } catch (cause) {
    const message = `Cannot read the service account's token at ${tokenPath}`;
    throw new PromoterError("CredentialsUnavailable", message, {
      hint: "Set automountServiceAccountToken: true, or mount a projected token there",
      cause,
    });
  }
}

function unreachable(request: string, timeoutMs: number, late: boolean, cause: unknown): PromoterError {
  const hint = "Allow egress from the pod to the Kubernetes API server, if a network policy forbids it";
  const options = { request, temporary: true, hint, cause };
  if (late) {
    return new PromoterError(
      "Timeout",
      `Cannot ask the Kubernetes API: no answer within ${timeoutMs} ms`,
      options,
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PromoterError("Network", `Cannot ask the Kubernetes API: ${reason}`, options);
}
