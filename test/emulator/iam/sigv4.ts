import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { AccessKey } from "../identity.ts";
import { canonicalRequest, type SignedRequest } from "./canonical-request.ts";

/** Why a signature was refused; each AWS protocol has a name of its own for it (signature-fault.ts). */
export type SignatureFault =
  | "missing"
  | "incomplete"
  | "unknown-key"
  | "expired-session"
  | "mismatch"
  | "skewed";

/** A refusal in AWS's words. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
  readonly fault: SignatureFault;

  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export interface VerifyOptions {
  /** By access key id. */
  readonly accessKeys: ReadonlyMap<string, AccessKey>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The service that the credential must be scoped to: `ecr`, `sts`. */
  readonly service: string;
}

export interface VerifiedSignature {
  readonly key: AccessKey;
  /** The region of the credential's scope. */
  readonly region: string;
}

interface Authorization {
  readonly accessKeyId: string;
  /** `20251121/eu-west-1/ecr/aws4_request`. */
  readonly scope: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const algorithm = "AWS4-HMAC-SHA256";
const toleranceMs = 5 * 60 * 1000;

/**
 * Verifies the signature in a request's headers.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 *
 * @throws {SignatureError} with the words that AWS uses.
 */
export function verifySignature(request: SignedRequest, options: VerifyOptions): VerifiedSignature {
  const authorization = readAuthorization(request.headers.get("authorization"));
  const timestamp = readTimestamp(request);
  const key = findKey(authorization, request, options);
  checkScope(authorization, timestamp, options.service);
  checkTime(timestamp, options.now);
  const canonical = canonicalRequest(request, authorization.signedHeaders);
  const text = [algorithm, timestamp, authorization.scope, sha256(canonical)].join("\n");
  const expected = hmac(signingKey(key.secretAccessKey, authorization), text).toString("hex");
  if (!equal(expected, authorization.signature)) {
    throw new SignatureError(
      "mismatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  return { key, region: authorization.region };
}

function readAuthorization(header: string | null): Authorization {
  if (header === null || header === "") throw new SignatureError("missing", "Missing Authentication Token");
  if (!header.startsWith(`${algorithm} `)) {
    throw new SignatureError("incomplete", `Unsupported AWS 'algorithm': '${header.split(" ", 1)[0]}'.`);
  }
  const fields = new Map(
    header
      .slice(algorithm.length)
      .split(",")
      .map((field): [string, string] => {
        const equals = field.indexOf("=");
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
      }),
  );
  const [credential, signedHeaders, signature] = ["Credential", "SignedHeaders", "Signature"].map(
    (name) => fields.get(name) ?? throwIncomplete(`Authorization header requires '${name}' parameter.`),
  );
  const parts = credential?.split("/") ?? [];
  const [accessKeyId = "", date = "", region = "", service = "", terminator] = parts;
  if (parts.length !== 5 || terminator !== "aws4_request") {
    throwIncomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.`,
    );
  }
  const headers = (signedHeaders ?? "").split(";");
  if (!headers.includes("host")) {
    throwIncomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  return {
    accessKeyId,
    date,
    region,
    service,
    scope: parts.slice(1).join("/"),
    signedHeaders: headers,
    signature: signature ?? "",
  };
}

/** The time that was signed, as `20251121T081500Z`. */
function readTimestamp(request: SignedRequest): string {
  const stamp = request.headers.get("x-amz-date");
  if (stamp !== null && /^[0-9]{8}T[0-9]{6}Z$/.test(stamp)) return stamp;
  const date = Date.parse(request.headers.get("date") ?? "");
  if (stamp !== null || Number.isNaN(date)) {
    throwIncomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  return formatStamp(date);
}

function findKey(authorization: Authorization, request: SignedRequest, options: VerifyOptions): AccessKey {
  const key = options.accessKeys.get(authorization.accessKeyId);
  const token = request.headers.get("x-amz-security-token") ?? undefined;
  if (key === undefined || key.sessionToken !== token) {
    throw new SignatureError("unknown-key", "The security token included in the request is invalid.");
  }
  if (key.expiresAt !== undefined && key.expiresAt <= options.now) {
    throw new SignatureError("expired-session", "The security token included in the request is expired");
  }
  return key;
}

function checkScope(authorization: Authorization, timestamp: string, service: string): void {
  if (authorization.service !== service) {
    throw new SignatureError("mismatch", `Credential should be scoped to correct service: '${service}'.`);
  }
  if (!timestamp.startsWith(authorization.date)) {
    throw new SignatureError(
      "mismatch",
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${authorization.date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    );
  }
}

function checkTime(timestamp: string, now: number): void {
  const signed = Date.parse(timestamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  const earliest = now - toleranceMs;
  const latest = now + toleranceMs;
  if (signed < earliest) {
    throw new SignatureError(
      "skewed",
      `Signature expired: ${timestamp} is now earlier than ${formatStamp(earliest)} (${formatStamp(now)} - 5 min.)`,
    );
  }
  if (signed > latest) {
    throw new SignatureError(
      "skewed",
      `Signature not yet current: ${timestamp} is still later than ${formatStamp(latest)} (${formatStamp(now)} + 5 min.)`,
    );
  }
}

function formatStamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.[0-9]{3}/g, "");
}

function signingKey(secret: string, { date, region, service }: Authorization): Buffer {
  return [date, region, service, "aws4_request"].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function equal(expected: string, given: string): boolean {
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
}

function throwIncomplete(message: string): never {
  throw new SignatureError("incomplete", message);
}
