import type { ECRClient } from "@aws-sdk/client-ecr";
import type { Waiting } from "../oci/content.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import { serviceError } from "./service-error.ts";

/** The SDK's module, loaded. */
export type Sdk = typeof import("@aws-sdk/client-ecr");

/** One operation of ECR's API. */
export interface SdkCall<T> {
  /** Its name, which is also that of the IAM action behind `ecr:`. */
  readonly operation: string;
  readonly repository?: string;
  /** Exceptions by which ECR says that what was asked for is not there. */
  readonly absent?: readonly string[];
  readonly send: (sdk: Sdk, client: ECRClient, request: { readonly abortSignal?: AbortSignal }) => Promise<T>;
}

/**
 * Sends calls for one registry.
 *
 * @returns undefined when ECR answered that what was asked for is not there.
 * @throws {PromoterError} for every other exception, with the IAM action where one is missing.
 */
export type SendCall = <T>(call: SdkCall<T>, waiting?: Waiting) => Promise<T | undefined>;

export function sdkSender(options: {
  readonly host: EcrRegistryHost;
  readonly identity: string;
  readonly client: ECRClient;
}): SendCall {
  const { host, identity, client } = options;
  return async (call, { signal } = {}) => {
    const { operation, repository, absent = [] } = call;
    signal?.throwIfAborted();
    try {
      const sdk = await import("@aws-sdk/client-ecr");
      return await call.send(sdk, client, signal ? { abortSignal: signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Error && absent.includes(error.name)) return undefined;
      throw serviceError(error, {
        operation,
        host,
        identity,
        ...(repository !== undefined && { repository }),
      });
    }
  };
}
