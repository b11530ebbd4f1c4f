import type { IncomingHttpHeaders } from "node:http";
import { errorReply, handleEcrApi } from "./api/ecr-api.ts";
import type { ApiCall, ApiContext, ApiReply } from "./api-call.ts";
import type { EmulatorContext } from "./emulator-context.ts";
import { describeFault } from "./iam/signature-fault.ts";
import { SignatureError, verifySignature } from "./iam/sigv4.ts";
import { type Reply, textReply } from "./reply.ts";
import type { OpenRequest } from "./request-log.ts";
import { handleSts } from "./sts/sts.ts";
import { stsErrorReply } from "./sts/sts-reply.ts";

/** A request to the ECR API or to STS, whole. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

type Service = "ecr" | "sts";

/** Verifies the signature and hands the call to its service. */
export async function answerApi(
  parts: { readonly context: EmulatorContext; readonly api: ApiContext },
  request: ApiRequest,
  target: string | undefined,
  entry: OpenRequest,
): Promise<Reply> {
  const service: Service = target === undefined ? "sts" : "ecr";
  const fields = service === "sts" ? readForm(request.body) : undefined;
  const action = target ?? fields?.Action ?? "";
  entry.action = action;
  const signed = authenticate(parts.context, request, service, action);
  if ("refusal" in signed) return toReply(signed.refusal);
  const { principal, region } = signed;
  if (principal !== undefined) {
    entry.principal = principal.arn;
    entry.account = principal.accountId;
  }
  entry.region = region;
  const body = fields ?? parseJson(request.body);
  if (typeof body === "object" && body !== null && "repositoryName" in body) {
    entry.repository = String(body.repositoryName);
  }
  if (principal !== undefined && !parts.context.admits(action, { accountId: principal.accountId, region })) {
    return toReply(refuse(service, 400, "ThrottlingException", "Rate exceeded"));
  }
  const call: ApiCall = { target: action, body, region, principal, conditionKeys: connectionKeys(request) };
  return toReply(await (service === "sts" ? handleSts : handleEcrApi)(call, parts.api));
}

type Authenticated = Pick<ApiCall, "principal" | "region"> | { readonly refusal: ApiReply };

function authenticate(
  context: EmulatorContext,
  request: ApiRequest,
  service: Service,
  action: string,
): Authenticated {
  if (action === "AssumeRoleWithWebIdentity") return { principal: undefined, region: "us-east-1" };
  const { method, path: target, body } = request;
  const headers = new Headers(
    Object.entries(request.headers).map(([name, value]): [string, string] => [
      name,
      [value].flat().join(","),
    ]),
  );
  try {
    const { key, region } = verifySignature(
      { method, target, headers, body },
      { accessKeys: context.store.accessKeys, now: context.now(), service },
    );
    return { principal: key.principal, region };
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    const { status, code } = describeFault(error.fault, service === "ecr" ? "json" : "query");
    return { refusal: refuse(service, status, code, error.message) };
  }
}

/** A refusal before the service itself was asked, in its protocol. */
function refuse(service: Service, status: number, code: string, message: string): ApiReply {
  return service === "ecr" ? errorReply(code, message) : stsErrorReply({ status, code, message });
}

function connectionKeys({ headers }: ApiRequest): Record<string, string> {
  const agent = headers["user-agent"];
  return {
    "aws:SecureTransport": "true",
    "aws:SourceIp": "127.0.0.1",
    ...(agent !== undefined && { "aws:UserAgent": agent }),
  };
}

function readForm(body: Uint8Array): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(Buffer.from(body).toString()));
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString() || "{}");
  } catch {
    return undefined;
  }
}

function toReply({ status, headers, body }: ApiReply): Reply {
  return textReply(status, body, headers);
}
