import { PromoterError } from "../error.ts";
import type { AssumedRole } from "./assumed-role.ts";
import { readException, throttled } from "./service-error.ts";

const denied = /^(?:AccessDenied|NotAuthorized)/;
const expiredIdentity = /^(?:ExpiredToken|IDPRejectedClaim|InvalidIdentityToken|IDPCommunicationError)/;
const noneFound = /^(?:CredentialsProviderError|ProviderError|TokenProviderError)$/;
/** Their messages hold what was signed. */
const aboutSignature = /Signature|Skewed|RequestExpired/;

/**
 * Says why there are no AWS credentials: for this process, or for a role that it was to assume.
 *
 * @returns `Denied` when STS refuses the role, `TooManyRequests` when it is throttled, else `CredentialsUnavailable`.
 */
export function credentialsError(error: unknown, region: string, role?: AssumedRole): PromoterError {
  if (error instanceof PromoterError) return error;
  const { name, status, text } = readException(error);
  const what = role === undefined ? "Cannot get AWS credentials" : `Cannot assume ${role.arn}`;
  const secret = aboutSignature.test(name);
  const isDenied = denied.test(name);
  const isThrottled = throttled.test(name) || status === 429;
  return new PromoterError(
    isDenied ? "Denied" : isThrottled ? "TooManyRequests" : "CredentialsUnavailable",
    `${what}: ${secret ? name : text}`,
    {
      hint: hintFor(name, region, role),
      // A provider that did not answer in time may do so later; none at all will not appear by waiting.
      temporary:
        !isDenied &&
        !secret &&
        !noneFound.test(name) &&
        (isThrottled || status === undefined || status >= 500),
      ...(status !== undefined && { status }),
      ...(!secret && { cause: error }),
    },
  );
}

function hintFor(name: string, region: string, role: AssumedRole | undefined): string {
  if (denied.test(name)) return role === undefined ? webIdentityHint : trustHint(role);
  if (expiredIdentity.test(name)) return webIdentityHint;
  if (aboutSignature.test(name)) {
    return "Check the secret access key, and that this machine's clock is right: AWS refuses requests that are more than five minutes off";
  }
  if (noneFound.test(name)) {
    return "Give the pod's ServiceAccount a role (EKS Pod Identity association, or annotation eks.amazonaws.com/role-arn for IRSA), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";
  }
  if (throttled.test(name)) return `Try again later, or ask for a higher quota of STS in ${region}`;
  return `Check that STS can be reached in ${region}: proxy, VPC endpoint com.amazonaws.${region}.sts, security group`;
}

const webIdentityHint =
  "Check AWS_ROLE_ARN, and that the role's trust policy names the cluster's OIDC provider and this ServiceAccount";

function trustHint(role: AssumedRole): string {
  const external =
    role.externalId === undefined
      ? "asks for no sts:ExternalId, or set one"
      : "asks for the very sts:ExternalId that is configured";
  return `Allow sts:AssumeRole on ${role.arn} in the identity policy of this process, and see that the role's trust policy names it and ${external}`;
}
