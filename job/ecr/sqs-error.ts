import { type ErrorCode, PromoterError } from "../error.ts";
import type { QueueAddress } from "./queue-address.ts";
import { readException } from "./service-error.ts";

/** The call that failed; also the name of the IAM action behind `sqs:`. */
export type SqsOperation = "ReceiveMessage" | "DeleteMessage" | "ChangeMessageVisibility";

interface Verdict {
  readonly code: ErrorCode;
  readonly temporary?: boolean;
  readonly hint: string;
}

/**
 * Says what an exception of SQS means: by its name, never by its text.
 * {@link https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html}
 */
export function sqsError(error: unknown, operation: SqsOperation, queue: QueueAddress): PromoterError {
  if (error instanceof PromoterError) return error;
  const { name, status, text } = readException(error);
  const { code, hint, temporary = false } = verdictFor(name, status, operation, queue);
  // What is said of a signature or a token holds parts of it.
  const isSecret = code === "CredentialsUnavailable";
  return new PromoterError(code, `Cannot call sqs:${operation} for ${queue.url}: ${isSecret ? name : text}`, {
    hint,
    temporary,
    request: `sqs:${operation}`,
    ...(status !== undefined && { status }),
    ...(!isSecret && { cause: error }),
  });
}

const denied = /^(?:AccessDenied|NotAuthorized|KmsAccessDenied|KMS\.AccessDenied|InvalidSecurity)/;
const unusable = /(?:QueueDoesNotExist|NonExistentQueue|InvalidAddress|UnsupportedOperation)$/;
const outlived = /(?:ReceiptHandleIsInvalid|MessageNotInflight|InvalidParameterValue)$/;
const credentials =
  /^(?:ExpiredToken|SignatureDoesNotMatch|InvalidSignature|UnrecognizedClient|InvalidClientTokenId|IncompleteSig)/;
const passing = /^(?:Throttl|RequestThrottl|TooManyRequests|RequestLimit|OverLimit|Kms(?:Throttl|Internal))/;

function verdictFor(
  name: string,
  status: number | undefined,
  operation: SqsOperation,
  { region }: QueueAddress,
): Verdict {
  if (denied.test(name)) {
    return {
      code: "Denied",
      hint: `Allow sqs:${operation} on the queue in the identity's policy, and, where it is another account's, in the queue's; image-promoter render events writes both`,
    };
  }
  if (unusable.test(name)) {
    return {
      code: "InvalidConfiguration",
      hint: "Name a standard queue that is there: aws sqs get-queue-url --queue-name NAME",
    };
  }
  if (outlived.test(name)) {
    return { code: "Unsupported", hint: "Hide messages for longer, with --visibility" };
  }
  if (credentials.test(name)) {
    return {
      code: "CredentialsUnavailable",
      temporary: name.startsWith("ExpiredToken"),
      hint: "Get new credentials, and see that this machine's clock is right",
    };
  }
  if (passing.test(name) || status === 429) {
    return { code: "TooManyRequests", temporary: true, hint: "Try again later" };
  }
  if (status !== undefined && status >= 500) {
    return { code: "Unavailable", temporary: true, hint: "Try again later" };
  }
  return {
    code: status === undefined ? "Network" : "Unsupported",
    temporary: status === undefined,
    hint: `Check that SQS of ${region} can be reached from here: proxy, VPC endpoint com.amazonaws.${region}.sqs, security group`,
  };
}
