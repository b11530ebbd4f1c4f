import { type ErrorCode, PromoterError } from "../error.ts";
import { readException } from "./service-error.ts";

/** The call that failed. */
export interface KmsCall {
  /** Also the name of the IAM action behind `kms:`. */
  readonly operation: "GetPublicKey" | "Sign";
  readonly arn: string;
  readonly region: string;
}

interface Verdict {
  readonly code: ErrorCode;
  readonly temporary?: boolean;
  readonly hint: string;
}

/**
 * Says what an exception of KMS means: by its name, never by its text.
 * {@link https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#API_Sign_Errors}
 */
export function kmsError(error: unknown, call: KmsCall): PromoterError {
  if (error instanceof PromoterError) return error;
  const { name, status, text } = readException(error);
  const { code, hint, temporary = false } = verdictFor(name, status, call);
  // What is said of a signature or a token holds parts of it.
  const told = code === "CredentialsUnavailable" ? name : text;
  return new PromoterError(code, `Cannot call kms:${call.operation} for ${call.arn}: ${told}`, {
    hint,
    temporary,
    request: `kms:${call.operation}`,
    ...(status !== undefined && { status }),
    ...(code !== "CredentialsUnavailable" && { cause: error }),
  });
}

const denied = /^(?:AccessDenied|NotAuthorized|KMSAccessDenied)/;
const unusable = /^(?:NotFound|Disabled|InvalidKeyUsage|KMSInvalidState|InvalidArn|Unsupported|Validation)/;
const credentials =
  /^(?:ExpiredToken|InvalidSignature|UnrecognizedClient|InvalidClientTokenId|IncompleteSig)/;
const passing = /^(?:Throttl|TooManyRequests|LimitExceeded|DependencyTimeout|KeyUnavailable|KMSInternal)/;

function verdictFor(name: string, status: number | undefined, { operation, arn, region }: KmsCall): Verdict {
  if (denied.test(name)) {
    return {
      code: "Denied",
      hint: `Allow kms:${operation} on ${arn} in the identity's policy, and, where it is another account's, in the key's`,
    };
  }
  if (unusable.test(name)) {
    return {
      code: "InvalidConfiguration",
      hint: "Name an enabled key for SIGN_VERIFY: aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256",
    };
  }
  if (credentials.test(name)) {
    return {
      code: "CredentialsUnavailable",
      temporary: name.startsWith("ExpiredToken"),
      hint: "Get new credentials, and see that this machine's clock is right",
    };
  }
  if (passing.test(name) || (status !== undefined && status >= 500)) {
    return { code: "Unavailable", temporary: true, hint: "Try again later" };
  }
  return {
    code: status === undefined ? "Network" : "Unsupported",
    temporary: status === undefined,
    hint: `Check that KMS of ${region} can be reached from here: proxy, VPC endpoint com.amazonaws.${region}.kms, security group`,
  };
}
