import { PromoterError } from "../error.ts";

/** The environment's variables, as far as AWS's own are read here. */
export type AwsEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The address that stands in for a service of AWS: an emulator, or a VPC endpoint without private DNS.
 *
 * @returns undefined where AWS's own address is used.
 * @throws {PromoterError} `InvalidConfiguration` when the variable holds no http or https address.
 * {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html}
 */
export function endpointOverride(
  env: AwsEnvironment,
  service: "ECR" | "KMS" | "SQS" | "STS",
): string | undefined {
  if (isTrue(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)) return undefined;
  for (const variable of [`AWS_ENDPOINT_URL_${service}`, "AWS_ENDPOINT_URL"]) {
    const value = env[variable];
    if (value === undefined || value === "") continue;
    if (!/^https?:$/.test(URL.parse(value)?.protocol ?? "")) throw noAddress(variable);
    return value;
  }
  return undefined;
}

/** Whether FIPS endpoints are asked for, whatever the registry's host name says. */
export function prefersFips(env: AwsEnvironment): boolean {
  return isTrue(env.AWS_USE_FIPS_ENDPOINT);
}

/** Whether dual-stack endpoints are asked for, whatever the registry's host name says. */
export function prefersDualStack(env: AwsEnvironment): boolean {
  return isTrue(env.AWS_USE_DUALSTACK_ENDPOINT);
}

/** The variables that name proxies, for Node's agents: those read `process.env` only when told to. */
export function proxyVariables(env: AwsEnvironment): Record<string, string> {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}

function noAddress(variable: string): PromoterError {
  // The value is not shown: an address may hold a password.
  return new PromoterError("InvalidConfiguration", `Cannot use ${variable}: it is no http or https address`, {
    hint: `Set ${variable} to an address such as https://vpce-0123.api.ecr.eu-west-1.vpce.amazonaws.com, or unset it`,
  });
}
