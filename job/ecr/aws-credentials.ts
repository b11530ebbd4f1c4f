import type { Clock } from "../async/clock.ts";
import type { AssumedRole } from "./assumed-role.ts";
import { type AwsEnvironment, endpointOverride } from "./aws-environment.ts";
import { credentialsError } from "./credentials-error.ts";

/** AWS credentials, as the SDK hands them on. Never printed. */
export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export type AwsIdentitySource = () => Promise<AwsIdentity>;

export interface AwsCredentialsOptions {
  readonly env: AwsEnvironment;
  readonly clock: Clock;
  /** Where STS is asked: the registry's, so that the partition is right. */
  readonly region: string;
  /** The SDK's HTTP handler. */
  readonly requestHandler: object;
}

/** Milliseconds before their end at which credentials are replaced. */
const renewBeforeMs = 5 * 60_000;

const defaultSessionName = "image-promoter";

/**
 * Credentials of this process: static keys of the environment, the ServiceAccount's web identity (IRSA), else the
 * SDK's chain (profile, Pod Identity, container, instance). Kept until shortly before they expire.
 */
export function processCredentials(options: AwsCredentialsOptions): AwsIdentitySource {
  return remember(options.clock, async () => {
    try {
      const source = await chooseSource(options);
      return await source();
    } catch (error) {
      throw credentialsError(error, options.region);
    }
  });
}

/** Credentials of a role, which `base` may assume. */
export function roleCredentials(
  role: AssumedRole,
  base: AwsIdentitySource,
  options: AwsCredentialsOptions,
): AwsIdentitySource {
  return remember(options.clock, async () => {
    const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
    const assume = fromTemporaryCredentials({
      masterCredentials: base,
      clientConfig: stsConfig(options),
      params: {
        RoleArn: role.arn,
        RoleSessionName: role.sessionName ?? defaultSessionName,
        ...(role.externalId !== undefined && { ExternalId: role.externalId }),
      },
    });
    try {
      return await assume();
    } catch (error) {
      throw credentialsError(error, options.region, role);
    }
  });
}

async function chooseSource(options: AwsCredentialsOptions): Promise<AwsIdentitySource> {
  const { env } = options;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) {
    const sessionToken = env.AWS_SESSION_TOKEN;
    return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  }
  const providers = await import("@aws-sdk/credential-providers");
  const { AWS_WEB_IDENTITY_TOKEN_FILE: webIdentityTokenFile, AWS_ROLE_ARN: roleArn } = env;
  if (webIdentityTokenFile && roleArn && !env.AWS_PROFILE) {
    const roleSessionName = env.AWS_ROLE_SESSION_NAME || defaultSessionName;
    const clientConfig = stsConfig(options);
    return providers.fromTokenFile({ webIdentityTokenFile, roleArn, roleSessionName, clientConfig });
  }
  const { region, requestHandler } = options;
  return providers.fromNodeProviderChain({ clientConfig: { region, requestHandler } });
}

function stsConfig(options: AwsCredentialsOptions) {
  const endpoint = endpointOverride(options.env, "STS");
  return {
    region: options.region,
    requestHandler: options.requestHandler,
    ...(endpoint !== undefined && { endpoint }),
  };
}

function remember(clock: Clock, obtain: AwsIdentitySource): AwsIdentitySource {
  let current: { readonly result: Promise<AwsIdentity>; until: number } | undefined;
  return () => {
    if (current !== undefined && clock.now() < current.until) return current.result;
    const flight = { result: obtain(), until: Number.POSITIVE_INFINITY };
    current = flight;
    flight.result.then(
      (identity) => {
        if (identity.expiration) flight.until = identity.expiration.getTime() - renewBeforeMs;
      },
      () => {
        if (current === flight) current = undefined;
      },
    );
    return flight.result;
  };
}
