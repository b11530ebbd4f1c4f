import { PromoterError } from "../error.ts";
import { connect } from "../http-client/connect.ts";
import { type HttpClient, openHttpClient } from "../http-client/http-client.ts";
import type { ResponseBody } from "../http-client/response-body.ts";
import { socketError } from "../http-client/socket-error.ts";
import { apiError } from "./api-error.ts";
import { type ApiAnswer, type ApiQuestion, askApi } from "./api-request.ts";
import { jsonLines } from "./json-lines.ts";
import type { ApiAccess } from "./pod.ts";
import type { ReadFile } from "./surroundings.ts";

export interface ApiOptions {
  readonly access: ApiAccess;
  readonly readFile: ReadFile;
  /** Milliseconds that a request may take altogether. Default 5,000. */
  readonly timeoutMs?: number;
  /** Ends every request. */
  readonly signal?: AbortSignal;
}

/** What holds for one request. */
export interface RequestOptions {
  /** Ends this request. */
  readonly signal?: AbortSignal;
}

/**
 * A change of an object in one of the forms that the API takes.
 * {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply}
 */
export type ApiPatch =
  /** RFC 7386: what is named is replaced, `null` removes. */
  | { readonly type: "merge"; readonly patch: object }
  /** RFC 6902: with `test` operations, a change of what is still as it was read. */
  | { readonly type: "json"; readonly patch: readonly object[] }
  /** Server-side apply: the fields that `manager` wants; creates the object where it is missing. */
  | {
      readonly type: "apply";
      readonly object: object;
      readonly manager: string;
      /** Whether to take fields that others manage. Default false: a conflict. */
      readonly force?: boolean;
    };

/**
 * The Kubernetes API as the pod's service account sees it. Every function throws a PromoterError when it could not ask:
 * `Denied` or `Unauthorized` when it may not; `CredentialsUnavailable` without a token; `Timeout`, `Network`,
 * `TooManyRequests`, `Unavailable`, `InvalidResponse`.
 */
export interface KubernetesApi extends AsyncDisposable {
  /** The object at a path such as `/apis/batch/v1/namespaces/shop/jobs/promote`; undefined when there is none. */
  get(path: string, options?: RequestOptions): Promise<unknown>;
  /**
   * Creates an object, and resolves to it as the server keeps it.
   *
   * @throws {PromoterError} `Conflict` when it is there already; `Unsupported` when the server does not know the kind
   *   or the namespace.
   */
  create(path: string, object: object, options?: RequestOptions): Promise<unknown>;
  /**
   * Puts an object in the place of the one that is there; undefined when there is none.
   *
   * @throws {PromoterError} `Conflict` when the object names a `resourceVersion`, and it is another one by now.
   */
  replace(path: string, object: object, options?: RequestOptions): Promise<unknown>;
  /**
   * Changes an object, and resolves to what it is then; undefined when there is none.
   *
   * @throws {PromoterError} `Conflict` when it is not as the patch says, or others manage the fields to apply.
   */
  patch(path: string, patch: ApiPatch, options?: RequestOptions): Promise<unknown>;
  /**
   * The values of an answer that comes line by line, as those of a watch do, until the server ends it. Only for
   * {@link watchObjects} and the like: it tells nothing of what was missed.
   *
   * @param timeoutMs milliseconds after which it is given up.
   */
  stream(path: string, timeoutMs: number, options?: RequestOptions): AsyncIterable<unknown>;
}

const defaultTimeoutMs = 5_000;
/** A page of a hundred objects, each as large as they hardly get. */
const maxAnswerBytes = 16 * 1024 * 1024;
/** One object: etcd takes no more than 1.5 MiB. */
const maxLineLength = 4 * 1024 * 1024;
/** Milliseconds for the head of a stream's answer, and between its lines: a server sends a bookmark every minute. */
const streamHeadMs = 30_000;
const silenceMs = 150_000;
const connectMs = 10_000;
const keepAliveMs = 4_000;
const mostConnections = 100;

/** Opens the API; connects at the first request. Only the cluster's own certificates are trusted. */
export function openKubernetesApi(options: ApiOptions): KubernetesApi {
  const { access, readFile, timeoutMs = defaultTimeoutMs } = options;
  const client = openClient(access);
  const ask = async (
    question: Omit<ApiQuestion, "timeoutMs" | "signal">,
    { signal }: RequestOptions = {},
  ) => {
    const asked = { ...question, timeoutMs, signal: either(options.signal, signal) };
    return whole(await askApi({ access, readFile, client }, asked));
  };
  return {
    get: async (path, own) => foundIn(await ask({ method: "GET", path }, own)),
    async create(path, object, own) {
      return contentOf(await ask({ method: "POST", path, body: JSON.stringify(object) }, own));
    },
    replace: async (path, object, own) =>
      foundIn(await ask({ method: "PUT", path, body: JSON.stringify(object) }, own)),
    patch: async (path, patch, own) => foundIn(await ask(patchQuestion(path, patch), own)),
    async *stream(path, streamMs, { signal } = {}) {
      const question = { method: "GET", path, timeoutMs: streamMs } as const;
      const answer = await askApi(
        { access, readFile, client, headMs: streamHeadMs },
        { ...question, signal: either(options.signal, signal) },
      );
      if (answer.status !== 200) throw apiError(await whole(answer));
      yield* jsonLines({ ...answer, body: unlessSilent(answer.body) }, maxLineLength);
    },
    // Destroyed, not closed: a connection that hangs must not keep the process.
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
    },
  };
}

function openClient({ server, certificateAuthority: ca, clientCertificate }: ApiAccess): HttpClient {
  const origin = new URL(server);
  const own = clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key };
  const options = { timeoutMs: connectMs, tls: { ...(ca && { ca }), ...own }, sessions: {} };
  return openHttpClient({
    host: origin.host,
    connect: (signal) => connect({ origin }, { ...options, signal }),
    connections: mostConnections,
    keepAliveMs,
  });
}

/** The body, until nothing has come for too long. */
async function* unlessSilent(body: ResponseBody): AsyncGenerator<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(() => body.destroy(silent()), silenceMs);
  };
  try {
    wait();
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk;
      wait();
    }
  } finally {
    clearTimeout(timer);
  }
}

function silent(): Error {
  return socketError("ETIMEDOUT", `nothing has come for ${silenceMs / 1000} s`);
}

function patchQuestion(path: string, patch: ApiPatch): Omit<ApiQuestion, "timeoutMs" | "signal"> {
  if (patch.type !== "apply") {
    const contentType = `application/${patch.type === "json" ? "json-patch" : "merge-patch"}+json`;
    return { method: "PATCH", path, contentType, body: JSON.stringify(patch.patch) };
  }
  const query = new URLSearchParams({
    fieldManager: patch.manager,
    ...(patch.force === true && { force: "true" }),
  });
  return {
    method: "PATCH",
    path: `${path}?${query}`,
    contentType: "application/apply-patch+yaml",
    body: JSON.stringify(patch.object),
  };
}

interface WholeAnswer {
  readonly request: string;
  readonly status: number;
  readonly body: string;
}

async function whole({ request, status, body, failure }: ApiAnswer): Promise<WholeAnswer> {
  try {
    return { request, status, body: await body.text({ limit: maxAnswerBytes }) };
  } catch (cause) {
    throw failure(cause);
  }
}

function foundIn(answer: WholeAnswer): unknown {
  return answer.status === 404 ? undefined : contentOf(answer);
}

function contentOf(answer: WholeAnswer): unknown {
  const { status, body, request } = answer;
  if (status !== 200 && status !== 201) throw apiError(answer);
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new PromoterError("InvalidResponse", "Cannot read the Kubernetes API's answer: it is no JSON", {
      request,
      cause,
    });
  }
}

function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one !== undefined && other !== undefined ? AbortSignal.any([one, other]) : (one ?? other);
}
