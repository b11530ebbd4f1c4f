import type { SignatureFault } from "./sigv4.ts";

const codes: Readonly<Record<SignatureFault, { readonly json: string; readonly query: string }>> = {
  missing: { json: "MissingAuthenticationTokenException", query: "MissingAuthenticationToken" },
  incomplete: { json: "IncompleteSignatureException", query: "IncompleteSignature" },
  "unknown-key": { json: "UnrecognizedClientException", query: "InvalidClientTokenId" },
  "expired-session": { json: "ExpiredTokenException", query: "ExpiredToken" },
  mismatch: { json: "InvalidSignatureException", query: "SignatureDoesNotMatch" },
  skewed: { json: "InvalidSignatureException", query: "SignatureDoesNotMatch" },
};

/**
 * What AWS calls a fault, and the status that goes with it: the JSON protocol (ECR) answers 400, the Query protocol
 * (STS) 403.
 * {@link https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html}
 */
export function describeFault(
  fault: SignatureFault,
  protocol: "json" | "query",
): { readonly code: string; readonly status: number } {
  const isBadRequest = protocol === "json" || fault === "incomplete";
  return { code: codes[fault][protocol], status: isBadRequest ? 400 : 403 };
}
