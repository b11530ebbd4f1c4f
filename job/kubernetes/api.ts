import { Agent } from "undici";
import { PromoterError } from "../error.ts";
import { apiError } from "./api-error.ts";
import type { ApiAccess } from "./pod.ts";
import type { ReadFile } from "./surroundings.ts";

export interface ApiOptions {
  readonly access: ApiAccess;
  readonly readFile: ReadFile;
  /** Milliseconds that a request may take altogether. Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The Kubernetes API as the pod's service account sees it. */
export interface KubernetesApi extends AsyncDisposable {
  /**
   * The object at a path such as `/apis/batch/v1/namespaces/shop/jobs/promote`; undefined when there is none.
   *
   * @throws {PromoterError} `Denied` or `Unauthorized` when it may not be read; `CredentialsUnavailable` without a
   *   token; `Timeout`, `Network`, `TooManyRequests`, `Unavailable`, `InvalidResponse`.
   */
  get(path: string): Promise<unknown>;
  /**
   * Creates an object.
   *
   * @throws {PromoterError} as `get`; `Unsupported` when the server does not know the kind or the namespace.
   */
  create(path: string, object: object): Promise<void>;
}

const defaultTimeoutMs = 5_000;
const maxAnswerBytes = 4 * 1024 * 1024;

/** Opens the API; connects at the first request. Only the cluster's own certificates are trusted. */
export function openKubernetesApi(options: ApiOptions): KubernetesApi {
  const { access } = options;
  const { certificateAuthority: ca, clientCertificate } = access;
  const client = clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key };
  const agent = new Agent({
    // The API server would choose HTTP/2, which the program as it is shipped does not have.
    allowH2: false,
    connect: { allowH2: false, ca, ...client },
    maxResponseSize: maxAnswerBytes,
  });
  return {
    async get(path) {
      const answer = await ask(options, agent, { method: "GET", path });
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw apiError(answer);
      return parse(answer.body, answer.request);
    },
    async create(path, object) {
      const answer = await ask(options, agent, { method: "POST", path, body: JSON.stringify(object) });
      if (answer.status !== 200 && answer.status !== 201) throw apiError(answer);
    },
    // Destroyed, not closed: a connection that hangs must not keep the process.
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

async function ask(options: ApiOptions, agent: Agent, question: Question) {
  const { access, readFile, timeoutMs = defaultTimeoutMs, signal } = options;
  const address = new URL(question.path, access.server);
  const name = `${question.method} ${address}`;
  const token = await readToken(access, readFile);
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const { statusCode, body } = await agent.request({
      origin: address.origin,
      path: address.pathname + address.search,
      method: question.method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        accept: "application/json",
        ...(question.body !== undefined && { "content-type": "application/json" }),
      },
      body: question.body ?? null,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    return { request: name, status: statusCode, body: await body.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(name, timeoutMs, deadline.aborted, cause);
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

function parse(text: string, request: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PromoterError("InvalidResponse", "Cannot read the Kubernetes API's answer: it is no JSON", {
      request,
      cause,
    });
  }
}
