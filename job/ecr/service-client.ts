import type { Clock } from "../async/clock.ts";
import { processCredentials } from "./aws-credentials.ts";
import { type AwsEnvironment, endpointOverride, prefersDualStack, prefersFips } from "./aws-environment.ts";
import { httpHandler } from "./client.ts";

/** What a service of AWS beside ECR is called with. */
export interface ServiceClientOptions {
  readonly env: AwsEnvironment;
  readonly clock: Clock;
  /** Milliseconds to wait for an answer. */
  readonly answerTimeoutMs: number;
  /** What CloudTrail shows behind the SDK's own name: `argocd-image-promoter/1.2.3`. */
  readonly userAgent: string;
}

/** How often a call is tried, the first time included. */
const attempts = 3;

/** What an SDK client of a service is made of: the process's own identity, our times and proxies, the endpoint of the environment. */
export async function serviceClientConfig(
  service: "KMS" | "SQS",
  region: string,
  { env, clock, answerTimeoutMs, userAgent }: ServiceClientOptions,
) {
  const endpoint = endpointOverride(env, service);
  const requestHandler = await httpHandler(env, answerTimeoutMs);
  return {
    region,
    credentials: processCredentials({ env, clock, region, requestHandler }),
    requestHandler,
    maxAttempts: attempts,
    retryMode: "standard",
    // The SDK refuses an endpoint of one's own together with a wish for its flavour.
    useFipsEndpoint: endpoint === undefined && prefersFips(env),
    useDualstackEndpoint: endpoint === undefined && prefersDualStack(env),
    ...(endpoint !== undefined && { endpoint }),
    customUserAgent: userAgent,
  };
}
