import type { Clock } from "../async/clock.ts";
import type { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
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

/** A service of AWS that is called by its SDK's commands. Its connections are kept until it is disposed of. */
export interface Service<Client, Operation> extends AsyncDisposable {
  /** @throws {PromoterError} what the service says, as `explain` puts it; the signal's reason when aborted. */
  call<T>(
    operation: Operation,
    options: Waiting,
    send: (client: Client, request: { readonly abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T>;
}

/** A service whose client is opened with the first call. */
export function openService<Client extends { destroy(): void }, Operation>(
  open: () => Promise<Client>,
  explain: (error: unknown, operation: Operation) => PromoterError,
): Service<Client, Operation> {
  let client: Promise<Client> | undefined;
  return {
    async call(operation, { signal }, send) {
      signal?.throwIfAborted();
      try {
        client ??= open();
        return await send(await client, signal ? { abortSignal: signal } : {});
      } catch (error) {
        signal?.throwIfAborted();
        throw explain(error, operation);
      }
    },
    async [Symbol.asyncDispose]() {
      const [opened] = await Promise.allSettled([client]);
      if (opened.status === "fulfilled") opened.value?.destroy();
    },
  };
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
