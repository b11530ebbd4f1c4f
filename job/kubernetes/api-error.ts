import { type ErrorCode, PromoterError } from "../error.ts";

export interface RefusedRequest {
  /** Method and address. */
  readonly request: string;
  readonly status: number;
  /** The answer, a `Status` object as a rule. */
  readonly body: string;
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "Unauthorized",
  403: "Denied",
  404: "Unsupported",
  408: "Timeout",
  409: "Conflict",
  429: "TooManyRequests",
};

const maxMessageLength = 500;

/** The error for an answer that is no success, with what the API server says of it. */
export function apiError({ request, status, body }: RefusedRequest): PromoterError {
  const temporary = status === 408 || status === 409 || status === 429 || status >= 500;
  const code = codes[status] ?? (status >= 500 ? "Unavailable" : "InvalidResponse");
  return new PromoterError(code, `The Kubernetes API answered ${status}: ${messageOf(body)}`, {
    request,
    status,
    temporary,
  });
}

/** {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/} */
function messageOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    if (typeof status === "object" && status !== null && "message" in status) {
      return String(status.message).slice(0, maxMessageLength);
    }
  } catch {
    // A proxy in between may answer in HTML.
  }
  return body.trim().slice(0, maxMessageLength) || "nothing else";
}
