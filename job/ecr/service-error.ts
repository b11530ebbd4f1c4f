import { type ErrorCode, PromoterError } from "../error.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import { repositoryArn } from "./registry-host.ts";

/** The call that failed, for the message and the hint. */
export interface ServiceCall {
  /** The operation, which is also the name of the IAM action behind `ecr:`. */
  readonly operation: string;
  readonly host: EcrRegistryHost;
  readonly repository?: string;
  /** Whose permissions counted: a role's ARN, or words for the process's own identity. */
  readonly identity: string;
}

interface Verdict {
  readonly code: ErrorCode;
  readonly temporary?: boolean;
  readonly hint: string;
  /** The service's message holds what was signed, the session's token included. */
  readonly secret?: boolean;
}

/**
 * Says what an exception of ECR's API means: by its name, never by its text.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html}
 */
export function serviceError(error: unknown, call: ServiceCall): PromoterError {
  if (error instanceof PromoterError) return error;
  const { name, status, text } = readException(error);
  const verdict = verdictFor(name, status, call) ?? networkVerdict(error, call) ?? unknownVerdict(call);
  const message = verdict.secret ? name : text;
  return new PromoterError(verdict.code, `Cannot ${describeCall(call)}: ${message}`, {
    hint: verdict.hint,
    temporary: verdict.temporary ?? false,
    request: `ecr:${call.operation}`,
    ...(status !== undefined && { status }),
    ...(!verdict.secret && { cause: error }),
  });
}

/** Name, HTTP status and one line of text of whatever the SDK has thrown. */
export function readException(error: unknown): { name: string; status: number | undefined; text: string } {
  if (!(error instanceof Error)) return { name: "UnknownError", status: undefined, text: String(error) };
  const metadata = (error as { $metadata?: { httpStatusCode?: number } }).$metadata;
  // An AggregateError of failed connections has no text of its own.
  const code = (error as { code?: unknown }).code;
  const text = error.message || (typeof code === "string" ? code : error.name);
  return {
    name: error.name,
    status: metadata?.httpStatusCode,
    text: text.replace(/\s+/g, " ").slice(0, 400),
  };
}

function describeCall({ operation, host, repository }: ServiceCall): string {
  const where = repository === undefined ? host.host : `${host.host}/${repository}`;
  return `call ecr:${operation} for ${where}`;
}

/** The names that AWS's services have for "too many requests". */
export const throttled =
  /^(?:Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|BandwidthLimit)/;
const skewed = /^(?:RequestTimeTooSkewed|RequestExpired|RequestInTheFuture)/;
const badSignature =
  /^(?:InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|AuthFailure|AuthorizationHeader)/;
const expired = /^(?:ExpiredToken|TokenRefreshRequired)/;
const unrecognized =
  /^(?:UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthentication|OptInRequired|InvalidToken)/;
const denied =
  /^(?:AccessDenied|NotAuthorized|UnauthorizedOperation|UnauthorizedAccess|Forbidden|BlockedByOrganizationPolicy)/;
const invalid = /^(?:InvalidParameter|Validation|InvalidTagParameter|TooManyTags|MalformedPolicy)/;
const changes = /^(?:Create|Put|Set|Tag)/;

function verdictFor(name: string, status: number | undefined, call: ServiceCall): Verdict | undefined {
  const { host, identity } = call;
  if (throttled.test(name) || status === 429)
    return { code: "TooManyRequests", temporary: true, hint: throttledHint(call) };
  if (skewed.test(name)) return { code: "CredentialsUnavailable", secret: true, hint: clockHint };
  if (badSignature.test(name)) {
    return {
      code: "CredentialsUnavailable",
      secret: true,
      hint: `Check the secret access key, and that this machine's clock is right: AWS refuses a signature that is more than five minutes off`,
    };
  }
  if (expired.test(name)) return { code: "CredentialsUnavailable", temporary: true, hint: expiredHint };
  if (unrecognized.test(name)) {
    return {
      code: "CredentialsUnavailable",
      hint: `Check that the access key exists, is of partition ${host.partition}, and that its account has region ${host.region} enabled`,
    };
  }
  if (denied.test(name)) return { code: "Denied", hint: deniedHint(call, identity) };
  if (invalid.test(name))
    return {
      code: changes.test(call.operation) ? "InvalidConfiguration" : "Unsupported",
      hint: call.operation === "SetRepositoryPolicy" ? invalidPolicyHint : invalidHint,
    };
  return namedVerdict(name, call) ?? serverVerdict(name, status, call);
}

function namedVerdict(name: string, call: ServiceCall): Verdict | undefined {
  switch (name) {
    case "RepositoryNotFoundException":
      return { code: "NameUnknown", hint: "Create the repository, or correct its name in the image" };
    case "ImageNotFoundException":
      return { code: "ManifestUnknown", hint: "Push the image, or correct its tag or digest" };
    case "ImageArchivedException":
      return {
        code: "ImageArchived",
        hint: "Restore the image: aws ecr update-image-storage-class --target-storage-class STANDARD",
      };
    case "LimitExceededException":
      return {
        code: "Denied",
        hint: `Ask for a higher ECR quota of the account in ${call.host.region}, or remove what is not used`,
      };
    case "KmsException":
      return {
        code: "Denied",
        hint: "Allow kms:DescribeKey, kms:CreateGrant and kms:RetireGrant on the repository's key, and see that the key is enabled",
      };
    default:
      return undefined;
  }
}

/** The names of server faults, and statuses without any name: what stands before ECR's API answers in its own words. */
function serverVerdict(name: string, status: number | undefined, { host }: ServiceCall): Verdict | undefined {
  const isServer =
    /^(?:ServerException|InternalFailure|InternalError|InternalServer|ServiceUnavailable)/.test(name);
  if (!isServer && status !== 408 && (status === undefined || status < 500)) return undefined;
  return {
    code: status === 408 ? "Timeout" : "Unavailable",
    temporary: true,
    hint: `Try again later; https://health.aws.amazon.com tells whether ECR has trouble in ${host.region}`,
  };
}

const brokenConnection = /^(?:ECONN|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_PROXY)/;
const distrusted = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|HOSTNAME_MISMATCH)/;

function networkVerdict(error: unknown, { host }: ServiceCall): Verdict | undefined {
  const { code, name, statusCode } = error as { code?: unknown; name?: unknown; statusCode?: unknown };
  const hint = `Check that the ECR API of ${host.region} can be reached from here: proxy, VPC endpoint com.amazonaws.${host.region}.ecr.api, security group`;
  // The SDK calls a connection that was reset a timeout as well, and leaves the code.
  const isReset = code === "ECONNRESET" || code === "EPIPE";
  if (name === "TimeoutError" && !isReset) return { code: "Timeout", temporary: true, hint };
  if (typeof code !== "string") return undefined;
  if (code === "ERR_PROXY_TUNNEL" && refusesForGood(statusCode)) {
    return { code: "Network", hint: statusCode === 407 ? proxyPasswordHint : proxyHint };
  }
  if (distrusted.test(code)) return { code: "Network", hint: distrustedHint };
  if (!brokenConnection.test(code)) return undefined;
  return { code: "Network", temporary: true, hint };
}

/** Whether a proxy that opens no tunnel will not do so later either. */
function refusesForGood(status: unknown): boolean {
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function unknownVerdict(call: ServiceCall): Verdict {
  return {
    code: "Unsupported",
    hint: `Check that what answers for ${call.host.host} is ECR's API; an endpoint override may lead elsewhere`,
  };
}

const proxyPasswordHint =
  "Write the proxy's name and password into its address: HTTPS_PROXY=http://name:password@proxy:port";
const proxyHint = "Let the proxy allow ECR's API, or except its host in NO_PROXY";
const distrustedHint =
  "If a proxy signs the certificates of ECR's API with an authority of your own, name its file in NODE_EXTRA_CA_CERTS";
const clockHint = "Set this machine's clock: AWS refuses requests that are more than five minutes off";
const expiredHint = "Get new credentials (aws sso login, a new session), or let the pod's role provide them";
const invalidHint = "Correct what the message names";
const invalidPolicyHint = `${invalidHint}; roles and users that a policy names have to exist`;

function throttledHint({ operation, host }: ServiceCall): string {
  return `Try again later, or ask for a higher quota of ecr:${operation} in ${host.region}`;
}

function deniedHint({ operation, host, repository }: ServiceCall, identity: string): string {
  // A token cannot be granted on a repository, nor by a repository's policy.
  const resource = repository === undefined ? "*" : repositoryArn(host, repository);
  const grant = `Allow ecr:${operation} on ${resource} in the identity policy of ${identity}`;
  if (operation === "GetAuthorizationToken" || host.public) return grant;
  const remedy =
    repository === undefined || changes.test(operation)
      ? `take credentials of account ${host.accountId}`
      : `also in the policy of repository ${repository}`;
  return `${grant}; if that is of another account than ${host.accountId}, ${remedy}`;
}
